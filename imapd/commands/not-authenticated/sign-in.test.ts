import { describe, expect, test } from 'vitest';
import { Standings } from '../../acl/standings.ts';
import type { Command } from '../../protocol/command.ts';
import { Admission } from '../../session/admission.ts';
import type { Credentials } from '../../session/authenticator.ts';
import { Session } from '../../session/session.ts';
import { DEFAULT_SESSION_LIMITS } from '../../session/session-limits.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { RecordedObserver } from '../../session/test-support/recorded-observer.ts';
import { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { authenticate } from './authenticate.ts';
import { login } from './login.ts';
import { refusedLogin } from './sign-in.ts';

const REMOTE = '192.0.2.1';

type Connection = { readonly loopback: boolean; readonly tls: boolean; readonly clearTextFromAnywhere?: boolean };

/** Runs a command of a stranger, and says which passwords anybody was asked about. */
async function signsIn(command: Command, { loopback, tls, clearTextFromAnywhere = false }: Connection) {
  const asked: Credentials[] = [];
  const questions: string[] = [];
  const options = {
    authenticator: async (credentials: Credentials) => {
      asked.push(credentials);
      return { kind: 'wrong' } as const;
    },
    scram: async () => ({ kind: 'unavailable' }) as const,
    tokens: null,
    certificates: async () => ({ kind: 'wrong' }) as const,
    actAs: async () => ({ kind: 'refused', reason: '' }) as const,
    observer: new RecordedObserver(),
    standings: new Standings({ admins: new Set(), now: () => 0, freshMs: 0 }),
    capabilities: new Capabilities({ disabled: [], tlsAvailable: true, clearTextFromAnywhere, appendLimit: 1 }),
  };
  const admitted = new Admission(DEFAULT_SESSION_LIMITS).enter(REMOTE);
  if (admitted === null) throw new Error('there is no room');
  const context = {
    tag: 'a1',
    session: new Session({
      id: 's',
      peer: { remoteAddress: REMOTE, loopback },
      tls,
      admitted,
      dismiss: () => undefined,
    }),
    attempt: { signal: new AbortController().signal },
    input: {
      ask: async (question: string) => {
        questions.push(question);
        return Buffer.from(Buffer.from('ada').toString('base64'));
      },
    },
    log: new RecordedLog(),
  } as unknown as CommandContext;
  const completion =
    command.name === 'LOGIN'
      ? await login(options).run(command, context)
      : await authenticate(options).run(command as Command & { readonly name: 'AUTHENTICATE' }, context);
  return { code: completion.code, asked: asked.length, questions: questions.length };
}

const sasl = (mechanism: string, initialResponse: Buffer | null): Command => ({
  name: 'AUTHENTICATE',
  mechanism,
  initialResponse,
});
const plain = (identity: string): Buffer => Buffer.from(`${identity}\0ada\0secret`);
const commands: readonly (readonly [string, Command])[] = [
  ['LOGIN', { name: 'LOGIN', user: 'ada', password: 'secret' }],
  ['AUTHENTICATE PLAIN with an initial response', sasl('PLAIN', plain(''))],
  ['AUTHENTICATE LOGIN, which asks', sasl('LOGIN', null)],
];

describe.each(commands)('%s', (_, command) => {
  test.each([
    { from: 'another host in clear', loopback: false, tls: false, code: 'PRIVACYREQUIRED', asked: 0 },
    { from: 'another host over TLS', loopback: false, tls: true, code: 'AUTHENTICATIONFAILED', asked: 1 },
    { from: 'this host in clear', loopback: true, tls: false, code: 'AUTHENTICATIONFAILED', asked: 1 },
    {
      from: 'another host in clear, which the cluster allows',
      loopback: false,
      tls: false,
      clearTextFromAnywhere: true,
      code: 'AUTHENTICATIONFAILED',
      asked: 1,
    },
  ])('from $from: $code', async ({ code, asked, ...connection }) => {
    const outcome = await signsIn(command, connection);
    expect(outcome).toMatchObject({ code, asked });
    // Where the password is not wanted, it is not asked for either.
    if (asked === 0) expect(outcome.questions).toBe(0);
  });
});

test('whoever wants to act for another user shows a password first', async () => {
  const secure = { loopback: false, tls: true };
  expect(await signsIn(sasl('PLAIN', plain('eve')), secure)).toMatchObject({ code: 'AUTHENTICATIONFAILED', asked: 1 });
  expect(await signsIn(sasl('PLAIN', plain('ada')), secure)).toMatchObject({ code: 'AUTHENTICATIONFAILED', asked: 1 });
});

test('of a name that nobody can have the client is told so, and the log has its beginning', () => {
  const log = new RecordedLog();
  const context = { session: { peer: { remoteAddress: REMOTE } }, log } as unknown as CommandContext;
  expect(refusedLogin('wrong', 'x'.repeat(64 * 1024), context)).toMatchObject({
    code: 'AUTHENTICATIONFAILED',
    text: 'No user has so long a name',
  });
  expect(log.events).toEqual([{ code: 'LoginFailed', fields: { user: 'x'.repeat(255), remoteAddress: REMOTE } }]);
});
