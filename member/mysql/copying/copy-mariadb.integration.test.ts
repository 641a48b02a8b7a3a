import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { roles } from '#database/roles.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { poll } from '#runtime/poll.ts';
import { COPY_PATH } from '../../copying/copy-api.ts';
import { copyKey, newNonce, proofOf } from '../../copying/copy-key.ts';
import { serverProcesses } from '../../supervisor/server-processes.ts';
import { askAs, openAs } from '../../test-support/connect-as.ts';
import type { RunningMember } from '../../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../../test-support/start-repository.ts';
import { COPY_USER } from './copy-account.ts';

/**
 * Promise: a member of MariaDB is made by copying the files of one that goes on serving, whatever is written meanwhile, and has
 * everything then; what is not a whole copy is never started; and nobody gets one but a member of the repository.
 */
const servers = enginesUnderTest.filter((name) => name.startsWith('mariadb'));
const COPY_MS = 120_000;

const upstream = (member: RunningMember) => ({ member: member.name, endpoint: { ...member.endpoint } });

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let a0: RunningMember;
  let a1: RunningMember;
  let a2: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 3, durability: 'Quorum', engine });
    [a0, a1, a2] = running.members as [RunningMember, RunningMember, RunningMember];
    await ask(a0, 'CREATE TABLE filling (id INT PRIMARY KEY, body MEDIUMTEXT)');
    await ask(a0, 'CREATE TABLE counted (id INT PRIMARY KEY)');
    // More than sockets and pipes take by themselves.
    await ask(a0, 'INSERT INTO filling SELECT seq, REPEAT(MD5(seq), 200) FROM seq_1_to_4000');
    await throwLogAway(a0);
  }, 180_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const everything = async (member: RunningMember) =>
    await ask(
      member,
      `SELECT (SELECT COUNT(*) FROM counted) AS counted, COUNT(*) AS filled, SUM(CRC32(body)) AS sum FROM filling`,
    );
  const copyOf = (donor: RunningMember, primary = a0) => ({
    kind: 'clone' as const,
    from: upstream(primary),
    ...(donor === primary ? {} : { source: upstream(donor) }),
    agentUrl: donor.agentUrl,
    wipe: true,
  });

  async function asAdmin<T>(member: RunningMember, use: (admin: MysqlConnection) => Promise<T>): Promise<T> {
    const socketPath = join(dirname(member.dataDirectory), 'socket', `server.${member.endpoint.port}.sock`);
    const { admin: password } = running.passwords;
    const session = await openConnection({ endpoint: { socketPath }, user: roles.admin, password, role: 'admin' });
    try {
      return await use(session);
    } finally {
      await session.end();
    }
  }

  const askAdmin = async (member: RunningMember, text: string) =>
    await asAdmin(member, async (admin) => [...((await admin.batch([{ name: 'test', text }]))[0]?.rows ?? [])]);

  /** From then on nothing can be sent that begins with the first transaction. */
  async function throwLogAway(member: RunningMember): Promise<void> {
    await askAdmin(member, 'FLUSH BINARY LOGS');
    await poll(100, AbortSignal.timeout(20_000), async () => {
      const [first] = await askAdmin(member, "SELECT BINLOG_GTID_POS('bin.000001', 4) AS begin");
      return first?.begin === null ? true : null;
    });
  }

  /** The programs that copy it, and the account that they do it by. */
  const copying = async (donor: RunningMember) => {
    const { serverPid } = await donor.client.status();
    const programs = (await serverProcesses(donor.dataDirectory)).filter((pid) => pid !== serverPid);
    const accounts = await askAdmin(donor, `SELECT User FROM mysql.global_priv WHERE User = '${COPY_USER}'`);
    return { programs: programs.length, accounts: accounts.length };
  };
  const nobody = { programs: 0, accounts: 0 };

  /** One that follows needs no copy. */
  const leave = () => a2.client.order(1, { kind: 'detach' });

  /** @returns how many were acknowledged, and the longest that one took */
  function keepWriting(primary: RunningMember): { readonly stop: () => Promise<{ ids: number; slowestMs: number }> } {
    let going = true;
    const done = (async () => {
      const [last] = await ask(primary, 'SELECT COALESCE(MAX(id), 0) AS id FROM counted');
      const writer = await openAs('mail', primary, running);
      let ids = Number(last?.id);
      let slowestMs = 0;
      while (going) {
        const since = performance.now();
        await writer.query(`INSERT INTO counted VALUES (${ids + 1})`);
        ids += 1;
        slowestMs = Math.max(slowestMs, performance.now() - since);
      }
      await writer.end();
      return { ids, slowestMs };
    })();
    return {
      stop: () => {
        going = false;
        return done;
      },
    };
  }

  test(
    'copied of a replica while the primary is written to, it follows and has everything',
    async () => {
      await leave();
      const writing = keepWriting(a0);
      const { serverPid } = await a1.client.status();
      const activities = new Set<string>();
      const copied = a2.client.order(1, copyOf(a1));
      const watched = a2.client.until((report) => {
        if (report.activity !== null) activities.add(report.activity.name);
        return report.state === 'running' && report.replication?.upstream?.streaming === true;
      }, COPY_MS);
      await copied;
      await watched;
      const { ids, slowestMs } = await writing.stop();
      expect(activities).toContain('cloning by mariadb-backup');
      expect((await a1.client.status()).serverPid).toBe(serverPid);
      expect(await a1.client.status()).toMatchObject({ copiedBy: 'Log' });
      expect(await a2.client.status()).toMatchObject({ copiedBy: 'MariadbBackup' });
      expect((await a0.client.status()).copiedBy).toBeUndefined();
      expect(slowestMs).toBeLessThan(3_000);
      expect(ids).toBeGreaterThan(10);
      await expect.poll(() => everything(a2).catch(String), { timeout: 20_000 }).toEqual(await everything(a0));
      expect(await everything(a0)).toMatchObject([{ counted: ids, filled: 4_000 }]);
      expect(await copying(a1)).toEqual(nobody);
      expect(await askAdmin(a2, `SELECT User FROM mysql.global_priv WHERE User = '${COPY_USER}'`)).toEqual([]);
      // Its log is not what a member could begin with.
      expect(await askAdmin(a2, "SELECT BINLOG_GTID_POS('bin.000001', 4) = '' AS whole")).not.toEqual([{ whole: 1 }]);
      const left = (await readdir(a2.dataDirectory)).filter((name) => /backup|\.incoming/.test(name));
      expect(left).toEqual([]);
      expect(await readdir(dirname(a2.dataDirectory))).not.toContain('data.aside');
    },
    COPY_MS,
  );

  test(
    'where there is no copy to be had the data that it would replace stay, and go on to be read',
    async () => {
      await leave();
      const { serverPid } = await a2.client.status();
      const before = await everything(a2);
      // As an agent answers that has no such thing.
      const other = createServer((_, answer) => void answer.writeHead(404).end('{}'));
      await once(other.listen(0, '127.0.0.1'), 'listening');
      const { port } = other.address() as AddressInfo;
      const { agentUrl, ...unknown } = copyOf(a1);
      for (const command of [unknown, { ...unknown, agentUrl: agentUrl.replace(/:\d+/, `:${port}`) }]) {
        const refused = { status: 422, body: { code: 'CloneUnavailable' } };
        expect(await a2.client.send(1, command)).toMatchObject(refused);
        expect(await a2.client.status()).toMatchObject({ state: 'running', serverPid });
        expect(await everything(a2)).toEqual(before);
      }
      other.close();
    },
    COPY_MS,
  );

  test(
    'killed half way it is empty, and made anew',
    async () => {
      await a2.client.order(1, { kind: 'detach' });
      const copied = a2.client.send(1, copyOf(a1)).catch(() => null);
      await expect.poll(() => readdir(`${a2.dataDirectory}.incoming`).catch(() => []), { interval: 5 }).not.toEqual([]);
      process.kill(a2.agentPid(), 'SIGSTOP');
      await expect.poll(() => copying(a1)).toEqual({ programs: 1, accounts: 1 });
      await a2.killAgent();
      await copied;
      await expect.poll(() => copying(a1), { timeout: 10_000 }).toEqual(nobody);
      await a2.startAgent();
      expect(await a2.client.status()).toMatchObject({ state: 'empty', serverPid: null });
      await a2.client.order(1, copyOf(a1));
      await expect.poll(() => everything(a2).catch(String), { timeout: 20_000 }).toEqual(await everything(a0));
    },
    COPY_MS,
  );

  type Ask = { readonly password?: string; readonly donor?: string; readonly signal?: AbortSignal };
  const headers = () => ({ authorization: `Bearer ${running.token}`, 'content-type': 'application/json' });
  async function askForCopy({ password = running.passwords.replication, donor = 'a1', signal }: Ask = {}) {
    const url = new URL(COPY_PATH, a1.agentUrl);
    const { nonce } = (await (await fetch(url, { headers: headers() })).json()) as { nonce: string };
    const { cluster, partition } = running;
    const asked = { recipient: 'a9', nonce, recipientNonce: newNonce() };
    const proof = proofOf(copyKey(password, { cluster, partition, donor, ...asked }));
    const body = JSON.stringify({ ...asked, proof });
    const send = (until: AbortSignal | null) => fetch(url, { method: 'POST', headers: headers(), body, signal: until });
    return { answer: await send(signal ?? null), again: () => send(null) };
  }

  test(
    'nobody gets one who does not prove that it has the password, or proves it to another, or a second time',
    async () => {
      const wrong = await askForCopy({ password: 'another-password-of-32-octets...' });
      expect(wrong.answer.status).toBe(401);
      expect((await askForCopy({ donor: 'a0' })).answer.status).toBe(401);
      const over = new AbortController();
      const right = await askForCopy({ signal: over.signal });
      expect(right.answer.status).toBe(200);
      await expect.poll(() => copying(a1)).toEqual({ programs: 1, accounts: 1 });
      over.abort();
      await expect.poll(() => copying(a1), { timeout: 10_000 }).toEqual(nobody);
      expect((await right.again()).status).toBe(401);
      const url = new URL(COPY_PATH, a1.agentUrl);
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(url, { method: 'POST', headers: headers(), body: '{}' })).status).toBe(400);
    },
    COPY_MS,
  );

  test(
    'one at a time: another one is told so, and waits for it',
    async () => {
      const over = new AbortController();
      const first = await askForCopy({ signal: over.signal });
      expect(first.answer.status).toBe(200);
      const second = await askForCopy();
      expect(second.answer.status).toBe(409);
      expect(await second.answer.json()).toEqual({ code: 'CopyUnderWay', message: 'a1 is being copied to a9' });
      await leave();
      const copied = a2.client.order(1, copyOf(a1));
      await a2.client.until(({ activity }) => activity?.name === 'cloning by mariadb-backup');
      expect(await readdir(`${a2.dataDirectory}.incoming`)).toEqual([]);
      over.abort();
      await copied;
      await expect.poll(() => everything(a2).catch(String), { timeout: 20_000 }).toEqual(await everything(a0));
    },
    COPY_MS,
  );

  test(
    'a donor that is told to leave its upstream gives up the copy that it makes, which would hold that up',
    async () => {
      const { answer } = await askForCopy();
      expect(answer.status).toBe(200);
      await expect.poll(() => copying(a1)).toEqual({ programs: 1, accounts: 1 });
      await a1.client.order(1, { kind: 'detach' });
      await expect.poll(async () => (await copying(a1)).programs, { timeout: 5_000 }).toBe(0);
      await answer.body?.cancel();
      await expect.poll(() => copying(a1), { timeout: 10_000 }).toEqual(nobody);
      await a1.client.order(1, { kind: 'follow', upstream: upstream(a0) });
    },
    COPY_MS,
  );

  test(
    'a server that dies while it is copied leaves nothing that is started',
    async () => {
      await leave();
      const copied = a2.client.send(1, copyOf(a1));
      await expect.poll(() => copying(a1).catch(() => null), { interval: 5 }).toMatchObject({ programs: 1 });
      process.kill((await a1.client.status()).serverPid ?? 0, 'SIGKILL');
      expect(await copied).toMatchObject({ status: 500 });
      expect(await a2.client.status()).toMatchObject({ state: 'empty', serverPid: null });
      await a1.client.until((report) => report.replication?.upstream?.streaming === true, 60_000);
      await a2.client.order(1, copyOf(a1));
    },
    COPY_MS,
  );

  test(
    'the copy can be the next primary, and be copied in its turn, written to',
    async () => {
      await a0.client.order(2, { kind: 'stop', mode: 'kill' });
      await a2.client.order(2, { kind: 'detach' });
      await a2.client.order(2, { kind: 'promote', synchronous: { required: 1, members: ['a0', 'a1'] } });
      await a1.client.order(2, { kind: 'follow', upstream: upstream(a2) });
      await a2.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 0 });
      await a2.client.order(2, { kind: 'grant' });
      const writing = keepWriting(a2);
      await a0.client.order(2, copyOf(a2, a2));
      const { ids, slowestMs } = await writing.stop();
      expect(slowestMs).toBeLessThan(3_000);
      await expect.poll(() => everything(a0).catch(String), { timeout: 20_000 }).toEqual(await everything(a2));
      expect(await everything(a2)).toMatchObject([{ counted: ids, filled: 4_000 }]);
    },
    COPY_MS,
  );

  test(
    'while every commit waits for the very member that is copied, it is made, and they are acknowledged then',
    async () => {
      await a2.client.order(2, { kind: 'setSynchronous', synchronous: { required: 1, members: ['a1'] } });
      for (const other of [a0, a1]) await other.client.order(2, { kind: 'stop', mode: 'kill' });
      const [before] = await ask(a2, 'SELECT MAX(id) AS id FROM counted');
      const acknowledged = Promise.all(
        [1, 2].map(async (more) => {
          const writer = await openAs('mail', a2, running);
          await writer.query(`INSERT INTO counted VALUES (${Number(before?.id) + more})`);
          await writer.end();
        }),
      );
      acknowledged.catch(() => undefined);
      // Of several one alone is told to wait for a replica; the others wait behind it.
      const writers =
        "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE info LIKE 'INSERT INTO counted%' AND time_ms > 500";
      await expect.poll(() => askAdmin(a2, writers), { timeout: 10_000 }).toEqual([{ n: 2 }]);
      await a1.client.order(2, copyOf(a2, a2));
      await acknowledged;
      await expect.poll(() => everything(a1).catch(String), { timeout: 20_000 }).toEqual(await everything(a2));
      expect(await everything(a1)).toMatchObject([{ counted: Number(before?.id) + 2 }]);
    },
    COPY_MS,
  );
});
