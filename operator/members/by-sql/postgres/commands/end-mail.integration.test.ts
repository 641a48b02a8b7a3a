import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import {
  ADMINISTRATOR,
  type ExistingServers,
  startExistingServers,
} from '../../../../test-support/existing-servers.ts';
import { SqlServer } from '../sql-server.ts';
import { endMail } from './end-mail.ts';

/** Promise: sessions of mail that could write are ended, whenever they become able to; one that waits in COMMIT is not. */
let servers: ExistingServers;
let server: SqlServer;

beforeAll(async () => {
  servers = await startExistingServers(['mail']);
  const rolePasswords = { replication: 'replication', mail: 'mail', salvage: 'salvage' };
  const credentials = async () => ({ ok: true, ...ADMINISTRATOR, rolePasswords }) as const;
  const { endpoint } = servers.server('e0');
  server = new SqlServer({ member: memberName('e0'), endpoint, database: 'postgres', credentials });
  await ask(`CREATE ROLE ${roles.mail} LOGIN PASSWORD 'mail'`);
}, 60_000);

afterAll(async () => {
  server?.close();
  await servers?.stop();
});

const ask = (statement: string) => servers.ask(servers.server('e0'), statement);
const limit = () => AbortSignal.timeout(10_000);

type MailSession = { readonly pid: number; readonly client: Client };

async function mailSession(): Promise<MailSession> {
  const { endpoint } = servers.server('e0');
  const client = new Client({ ...endpoint, user: roles.mail, password: 'mail', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  const [row] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  return { pid: row?.pid ?? 0, client };
}

/** What it waits for; undefined: it has ended. */
async function waitOf({ pid }: MailSession): Promise<unknown> {
  const [row] = await ask(`SELECT wait_event FROM pg_stat_activity WHERE pid = ${pid}`);
  return row?.wait_event;
}

const SIGTERM = 1n << 14n;

/** Whether a process that is stopped has been told to end. */
async function pendingTerm({ pid }: MailSession): Promise<boolean> {
  const pending = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${pending}`) & SIGTERM) !== 0n;
}

/** A session in COMMIT, which nobody acknowledges. */
async function waiting(): Promise<MailSession> {
  await server.configure({ synchronous_standby_names: 'nobody' }, limit());
  await ask('CHECKPOINT');
  const session = await mailSession();
  // It is ended with its session, or acknowledged: `waitOf` tells how it is.
  void session.client.query("SELECT pg_logical_emit_message(true, 'test', 'x')").catch(() => undefined);
  await expect.poll(() => waitOf(session)).toBe('SyncRep');
  return session;
}

const acknowledge = () => server.configure({ synchronous_standby_names: '' }, limit());

test('one that waits in COMMIT is left to it, and is waited for by nobody', async () => {
  const [idle, inCommit] = [await mailSession(), await waiting()];
  await endMail({ server, signal: limit() });
  expect(await waitOf(idle)).toBeUndefined();
  expect(await waitOf(inCommit)).toBe('SyncRep');
  await acknowledge();
  await inCommit.client.end();
});

test('one that returns from COMMIT while others are still being ended is ended as well', async () => {
  const [slow, inCommit] = [await mailSession(), await waiting()];
  process.kill(slow.pid, 'SIGSTOP');
  const ending = endMail({ server, signal: limit() });
  try {
    // Until it has been told to end, which it cannot obey yet.
    await expect.poll(() => pendingTerm(slow)).toBe(true);
    await acknowledge();
    await expect.poll(() => waitOf(inCommit)).not.toBe('SyncRep');
  } finally {
    process.kill(slow.pid, 'SIGCONT');
  }
  await ending;
  expect([await waitOf(slow), await waitOf(inCommit)]).toEqual([undefined, undefined]);
});

test('one that comes while others are being ended may stay', async () => {
  const slow = await mailSession();
  process.kill(slow.pid, 'SIGSTOP');
  const ending = endMail({ server, signal: limit() });
  let later: MailSession;
  try {
    await expect.poll(() => pendingTerm(slow)).toBe(true);
    later = await mailSession();
  } finally {
    process.kill(slow.pid, 'SIGCONT');
  }
  await ending;
  expect(await waitOf(later)).toBe('ClientRead');
  await later.client.end();
});
