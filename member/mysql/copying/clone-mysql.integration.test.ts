import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mysqlServersHereOf } from '#database/mysql/test-support/servers-here.ts';
import { serverProcesses } from '../../supervisor/server-processes.ts';
import { administer, throwLogAway } from '../../test-support/administer.ts';
import type { Answer } from '../../test-support/agent-client.ts';
import { askAs, openAs } from '../../test-support/connect-as.ts';
import type { RunningMember } from '../../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../../test-support/start-repository.ts';

/**
 * Promise: a member whose next log is not to be had any more is copied anew, of the primary or of a replica, while mail goes on to
 * write; the copy is a member of its own and has everything. Whatever is killed in the middle leaves no half copy that starts, and no
 * process; a donor that cannot be copied says why.
 */
const servers = mysqlServersHereOf((name) => name === 'mysql-9.7');

/** Slow enough to be met in the middle; MiB/s. */
const parameters = { clone_max_network_bandwidth: '24' };
const COPY_MS = 120_000;
const ROW_MB = 4;

const upstream = (member: RunningMember) => ({ member: member.name, endpoint: { ...member.endpoint } });

describe.skipIf(servers.length === 0).each(servers)('%s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let donor: RunningMember;
  let third: RunningMember;

  beforeAll(async () => {
    running = await startRepository({ members: 3, durability: 'Async', engine, parameters });
    [primary, donor, third] = running.members as [RunningMember, RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB NOT NULL)');
    for (let row = 0; row < 16; row += 1) await fill();
    await throwLogAway(primary, running);
  }, COPY_MS);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);

  const as = (member: RunningMember, ...statements: readonly string[]) => administer(member, running, ...statements);

  const fill = () =>
    ask(primary, `INSERT INTO t (body) VALUES (REPEAT(RANDOM_BYTES(1024), ${ROW_MB * 1024}))`).catch((error: Error) => {
      throw new Error(`a write on the donor: ${error.message}`, { cause: error });
    });

  const sum = async (member: RunningMember) =>
    (await ask(member, 'SELECT COUNT(*) AS n, SUM(CRC32(body)) AS crc FROM t'))[0];

  async function applied(member: RunningMember): Promise<void> {
    await expect.poll(() => sum(member).catch(String), { timeout: 30_000 }).toEqual(await sum(primary));
  }

  /** Of the primary where no source is said. One that streams would need no copy. */
  async function copy(member: RunningMember, source: RunningMember | null): Promise<Answer> {
    await member.client.send(1, { kind: 'detach' });
    return await member.client.send(1, {
      ...{ kind: 'clone', from: upstream(primary), wipe: true },
      ...(source === null ? {} : { source: upstream(source) }),
    });
  }
  const done = { status: 200 };

  const leftovers = async (member: RunningMember): Promise<readonly string[]> => {
    const names = await readdir(dirname(member.dataDirectory));
    return names.filter((name) => /\.(?:incoming|aside)$/.test(name));
  };

  /** When the copy is under way: something has come, and not all. */
  const copying = () =>
    third.client.until(({ activity }) => {
      const progress = activity?.progress ?? 0;
      return activity?.name === 'cloning' && progress > 0.1 && progress < 0.9;
    }, 60_000);

  test(
    'log that is gone while a member was away: it is told so, and is copied of a replica',
    async () => {
      await third.client.order(1, { kind: 'detach' });
      await fill();
      await throwLogAway(primary, running);
      const answer = await third.client.send(1, { kind: 'follow', upstream: upstream(primary) });
      expect(answer).toMatchObject({ status: 422, body: { code: 'LogRemoved' } });
      // As it was: it may be all that is left.
      expect(await third.client.status()).toMatchObject({ state: 'running' });
      await applied(donor);
      expect(await copy(third, donor)).toMatchObject(done);
      await third.client.until(({ replication }) => replication?.upstream?.streaming === true);
      await fill();
      await applied(third);
      expect(await leftovers(third)).toEqual([]);
    },
    COPY_MS,
  );

  test('the copy is nobody else: an identity, numbers and a log of its own, and nothing that the primary does not have', async () => {
    const read =
      'SELECT @@server_uuid AS uuid, @@server_id AS id, @@gtid_executed AS executed, @@gtid_purged AS purged';
    const about = await Promise.all(running.members.map((member) => as(member, read)));
    for (const name of ['uuid', 'id']) expect(new Set(about.map((row) => row[name])).size).toBe(3);
    const [first, , copied] = about;
    expect(copied?.purged).not.toBe('');
    const { extra } = await as(
      primary,
      `SELECT GTID_SUBTRACT('${String(copied?.executed)}', '${String(first?.executed)}') AS extra`,
    );
    expect(extra).toBe('');
  });

  test(
    'mail writes on the donor all the while, and every row is in the copy',
    async () => {
      let isOver = false;
      const longest = { ms: 0, writes: 0 };
      const writing = (async () => {
        const session = await openAs('mail', primary, running);
        while (!isOver) {
          const begin = performance.now();
          await session.query('INSERT INTO t (body) VALUES (RANDOM_BYTES(1000))');
          longest.ms = Math.max(longest.ms, performance.now() - begin);
          longest.writes += 1;
        }
        await session.end();
      })();
      try {
        const [copied] = await Promise.all([copy(third, null), copying()]);
        expect(copied).toMatchObject(done);
      } finally {
        isOver = true;
        await writing;
      }
      expect(longest.writes).toBeGreaterThan(50);
      expect(longest.ms).toBeLessThan(3_000);
      await applied(third);
    },
    COPY_MS,
  );

  test('both throw log away in the middle: what the copy goes on from stays', { timeout: COPY_MS }, async () => {
    const copied = copy(third, donor);
    await copying();
    for (const member of [primary, donor]) {
      await fill();
      await as(member, 'FLUSH BINARY LOGS');
    }
    expect(await copied).toMatchObject(done);
    await applied(third);
  });

  test(
    'the agent is killed in the middle: nothing starts on half a copy, nothing is left of it, and the next one heals it',
    async () => {
      const copied = copy(third, null).catch(String);
      await copying();
      await third.killAgent();
      await copied;
      const [aside] = (await leftovers(third)).filter((name) => name.endsWith('.aside'));
      const folder = join(dirname(third.dataDirectory), String(aside));
      expect(await serverProcesses(folder)).not.toEqual([]);
      await third.startAgent();
      expect(await third.client.status()).toMatchObject({ state: 'empty', serverPid: null });
      expect(await serverProcesses(folder)).toEqual([]);
      expect(await leftovers(third)).toEqual([]);
      expect(await copy(third, donor)).toMatchObject(done);
      await applied(third);
    },
    COPY_MS,
  );

  test(
    'the donor dies in the middle: told at once, and nothing is left of it',
    async () => {
      const copied = copy(third, donor);
      await copying();
      await donor.client.order(1, { kind: 'stop', mode: 'kill' });
      expect(await copied).toMatchObject({ status: 500 });
      expect(await third.client.status()).toMatchObject({ state: 'empty', activity: null });
      expect(await serverProcesses(`${third.dataDirectory}.aside`)).toEqual([]);
      await donor.client.order(1, { kind: 'follow', upstream: upstream(primary) });
    },
    COPY_MS,
  );

  test(
    'two at a time of one donor: it serves one after the other',
    async () => {
      const answers = await Promise.all([third, donor].map((member) => copy(member, null)));
      expect(answers, JSON.stringify(answers)).toMatchObject([done, done]);
      for (const member of [third, donor]) await applied(member);
    },
    COPY_MS,
  );

  test(
    'a donor without the plug-in, or the right, is named, with that, and nothing is removed for it',
    async () => {
      const before = await sum(third);
      const refused = async (word: string): Promise<void> => {
        expect(await copy(third, null)).toMatchObject({
          status: 422,
          body: { code: 'CloneUnavailable', message: expect.stringMatching(`a0 cannot be copied: .*${word}`) },
        });
        expect(await third.client.status()).toMatchObject({ state: 'running' });
        expect(await sum(third)).toEqual(before);
      };
      await as(primary, 'UNINSTALL PLUGIN clone');
      await refused('no plug-in clone');
      await as(primary, "INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
      const right = (change: string) => as(primary, 'SET SESSION sql_log_bin = 0', change);
      await right("REVOKE BACKUP_ADMIN ON *.* FROM imapcluster_replication@'%'");
      await refused('BACKUP_ADMIN');
      await right("GRANT BACKUP_ADMIN ON *.* TO imapcluster_replication@'%'");
      expect(await copy(third, null)).toMatchObject(done);
      await applied(third);
    },
    COPY_MS,
  );

  test('the copy can be the next primary, and the others follow it', { timeout: COPY_MS }, async () => {
    await primary.client.order(2, { kind: 'stop', mode: 'fast' });
    await third.client.order(2, { kind: 'detach' });
    await third.client.order(2, { kind: 'catchUp' });
    await third.client.order(2, { kind: 'promote', synchronous: { required: 0, members: [] } });
    for (const member of [donor, primary]) {
      await member.client.order(2, { kind: 'follow', upstream: upstream(third) });
    }
    await third.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 0 });
    await third.client.order(2, { kind: 'grant' });
    await ask(third, "INSERT INTO t (body) VALUES ('of the next primary')");
    for (const member of [donor, primary]) {
      await expect.poll(() => sum(member).catch(String), { timeout: 30_000 }).toEqual(await sum(third));
    }
  });
});
