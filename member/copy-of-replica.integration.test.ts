import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askAs, connectAs } from './test-support/connect-as.ts';
import { debianPostgres, embeddedPostgres } from './test-support/embedded-postgres.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/**
 * Promise: a member that is copied of a replica, in the way in which the operator has it done (operator/failover/rejoin/prepare-donor.ts),
 * under writes and while both servers throw log away, follows the primary without a gap and is as good as any other; a replica
 * that is lost in the middle fails the copy at once, and one of the primary heals it.
 */
const debian = await debianPostgres();
const servers = [
  { name: 'embedded PostgreSQL 18', bin: await embeddedPostgres() },
  ...(debian === null ? [] : [{ name: 'PostgreSQL 15', bin: debian }]),
];

/** Log is thrown away as soon as nothing holds it. */
const parameters = {
  wal_keep_size: '0',
  max_wal_size: '32MB',
  min_wal_size: '32MB',
  // Who reads on a replica can hold up what it applies, for as long as that takes.
  max_standby_streaming_delay: '-1',
};
const COPY_MS = 120_000;
const RETAIN_BYTES = 256 * 1024 * 1024;

const upstream = (member: RunningMember) => ({ member: member.name, endpoint: { ...member.endpoint } });

describe.each(servers)('$name', ({ bin }) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let donor: RunningMember;
  let third: RunningMember;
  let rows = 0;

  beforeAll(async () => {
    running = await startRepository({ members: 3, durability: 'Async', binDirectory: bin, parameters });
    [primary, donor, third] = running.members as [RunningMember, RunningMember, RunningMember];
    await ask(primary, 'CREATE TABLE filling (id int PRIMARY KEY, body text)');
    for (let times = 0; times < 2; times += 1) await fill();
  }, 120_000);
  afterAll(() => running?.stop());

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);

  /** Some eight megabytes. */
  async function fill(): Promise<void> {
    const from = rows;
    rows += 4_000;
    await ask(
      primary,
      `INSERT INTO filling SELECT i, (SELECT string_agg(md5((i * 100 + j)::text), '') FROM generate_series(1, 60) AS t(j))
FROM generate_series(${from + 1}, ${rows}) AS s(i)`,
    );
  }

  const sum = async (member: RunningMember) =>
    (await ask(member, 'SELECT count(*)::int AS n, sum(hashtext(body))::text AS sum FROM filling'))[0];

  /** The primary writes out what is dirty, then the replica; each lets go of log that is needed by nobody. */
  async function checkpoints(): Promise<void> {
    const { received = null } = await primary.client.order(1, { kind: 'checkpoint', after: null });
    await donor.client.order(1, { kind: 'checkpoint', after: received });
  }

  /** As prepare-donor does it; the slots are there. The copy is held in the middle, until both have thrown log away. */
  async function copyUnderWrites(): Promise<void> {
    await checkpoints();
    const copied = third.client.send(1, {
      kind: 'clone',
      from: upstream(primary),
      source: upstream(donor),
      wipe: true,
    });
    const watching = await connectAs('mail', donor, running);
    const copies = async () =>
      (await watching.query('SELECT count(*)::int AS n FROM pg_stat_progress_basebackup')).rows[0].n;
    await expect.poll(copies, { timeout: 20_000, interval: 2 }).toBe(1);
    process.kill(third.agentPid(), 'SIGSTOP');
    try {
      for (let times = 0; times < 2; times += 1) {
        await fill();
        await checkpoints();
      }
      expect(await copies()).toBe(1);
    } finally {
      process.kill(third.agentPid(), 'SIGCONT');
      await watching.end();
    }
    expect(await copied).toMatchObject({ status: 200 });
  }

  test('copied of a replica under writes, it follows the primary', { timeout: COPY_MS }, async () => {
    await third.client.order(1, { kind: 'detach' });
    await copyUnderWrites();
    const follows = await third.client.until((report) => report.replication?.upstream?.streaming === true);
    expect(follows.replication).toMatchObject({ role: 'replica', upstream: { member: 'a0' }, timeline: 1 });
    await fill();
    await expect.poll(() => sum(third), { timeout: 20_000 }).toEqual(await sum(primary));
  });

  test('once more after a lost answer: nothing is copied', async () => {
    const before = await third.client.status();
    await third.client.order(1, { kind: 'clone', from: upstream(primary), source: upstream(donor), wipe: true });
    expect((await third.client.status()).serverPid).toBe(before.serverPid);
  });

  test('of one that lags behind the log of the primary a copy is of no use: so it is waited for first', {
    timeout: COPY_MS,
  }, async () => {
    await third.client.order(1, { kind: 'detach' });
    await primary.client.order(1, { kind: 'keepFor', members: ['a1'], retainBytes: RETAIN_BYTES });
    await ask(primary, 'CREATE TABLE held ()');
    const reader = await connectAs('mail', donor, running);
    await expect.poll(() => reader.query('SELECT FROM held').catch(String)).toBeTypeOf('object');
    await reader.query('BEGIN; SELECT FROM held');
    await ask(primary, 'DROP TABLE held');
    for (let times = 0; times < 3; times += 1) {
      await fill();
      await primary.client.order(1, { kind: 'checkpoint', after: null });
    }
    const copy = { kind: 'clone', from: upstream(primary), source: upstream(donor), wipe: true } as const;
    expect(await third.client.send(1, copy)).toMatchObject({ status: 422, body: { code: 'LogRemoved' } });

    await primary.client.order(1, { kind: 'keepFor', members: ['a1', 'a2'], retainBytes: RETAIN_BYTES });
    const { received = null } = await primary.client.order(1, { kind: 'checkpoint', after: null });
    const waits = donor.client.send(1, { kind: 'checkpoint', after: received }, { expiresAt: Date.now() + 2_000 });
    expect(await waits).toMatchObject({ status: 500 });
    await reader.end();
    await copyUnderWrites();
    await expect.poll(() => sum(third), { timeout: 20_000 }).toEqual(await sum(primary));
  });

  test('the replica is killed in the middle: told at once, and one of the primary heals it', {
    timeout: COPY_MS,
  }, async () => {
    await third.client.order(1, { kind: 'detach' });
    await checkpoints();
    const begun = third.client.until((report) => report.state === 'working');
    const copied = third.client.send(1, {
      kind: 'clone',
      from: upstream(primary),
      source: upstream(donor),
      wipe: true,
    });
    await begun;
    await donor.client.order(1, { kind: 'stop', mode: 'kill' });
    expect(await copied).toMatchObject({ status: 500 });
    expect(await third.client.status()).toMatchObject({ state: 'empty' });
    await third.client.order(1, { kind: 'clone', from: upstream(primary), wipe: true });
    await expect.poll(() => sum(third), { timeout: 20_000 }).toEqual(await sum(primary));
  });

  test('the copy can be the next primary, and the replica follows it', { timeout: COPY_MS }, async () => {
    await donor.client.order(1, { kind: 'follow', upstream: upstream(primary) });
    await third.client.order(1, { kind: 'detach' });
    await copyUnderWrites();
    const before = await sum(primary);
    await expect.poll(() => sum(third), { timeout: 20_000 }).toEqual(before);
    await primary.client.order(2, { kind: 'stop', mode: 'fast' });
    await third.client.order(2, { kind: 'detach' });
    await third.client.order(2, { kind: 'catchUp' });
    const promoted = await third.client.order(2, { kind: 'promote', synchronous: { required: 0, members: [] } });
    expect(promoted.timeline).toBe(2);
    await donor.client.order(2, { kind: 'follow', upstream: upstream(third) });
    await third.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 0 });
    await third.client.order(2, { kind: 'grant' });
    await ask(third, "INSERT INTO filling VALUES (0, 'of the next primary')");
    await expect.poll(() => sum(donor), { timeout: 20_000 }).toEqual(await sum(third));
    expect(await sum(third)).toMatchObject({ n: rows + 1 });
  });
});
