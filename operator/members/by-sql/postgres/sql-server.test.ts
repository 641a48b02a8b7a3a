import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { SqlCredentials } from '../sql-credentials.ts';
import { postgresFailure } from './postgres-failure.ts';
import { SqlServer } from './sql-server.ts';

// What whoever keeps the credentials does is no evidence of the server, which is never asked here.

const serverWith = (credentials: () => Promise<SqlCredentials>): SqlServer =>
  new SqlServer({ member: memberName('e0'), endpoint: { host: '127.0.0.1', port: 1 }, database: 'imap', credentials });

const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
const reset = new Error('fetch failed', { cause: Object.assign(new Error('read'), { code: 'ECONNRESET' }) });
const damaged = new RangeError('Secret post/users-a-credentials has no mail');

test.each([
  ['refuses', () => Promise.reject(refused)],
  ['hangs up', () => Promise.reject(reset)],
  ['holds something damaged', () => Promise.reject(damaged)],
  ['hangs', () => new Promise<never>(() => undefined)],
  ['has none', async () => ({ ok: false, message: 'there is no Secret' }) as const],
])('whoever keeps the credentials %s: a problem of the credentials, in time', async (_, credentials) => {
  const server = serverWith(credentials);
  const signal = AbortSignal.timeout(50);
  const asked = [
    server.use(signal, async () => undefined),
    server.inDatabase('postgres', signal, async () => undefined),
    server.configure({}, signal),
  ];
  for (const outcome of await Promise.allSettled(asked)) {
    const reason = outcome.status === 'rejected' ? outcome.reason : null;
    expect(postgresFailure(reason)).toMatchObject({ kind: 'sql', code: 'CredentialsMissing' });
  }
});
