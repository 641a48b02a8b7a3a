import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#database/engine.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import { type EngineUnderTest, enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { SmallVolume, whyNoSmallVolume } from '#runtime/test-support/small-volume.ts';
import { askAs, openAs } from './test-support/connect-as.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

// Promise: a primary whose log finds no disk space has ended a moment later, by itself (PostgreSQL) or by its agent (MariaDB and MySQL, which would
// hold all commits until there is space), and that is reported, with the server's own words; it is tried again however early it fails, and
// once there is space it comes back with everything it had acknowledged.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`member/disk-full: skipped: ${reason}\n`);

const NOBODY = 65_534;
const MiB_IN_KiB = 1024;
const run = promisify(execFile);

type Words = {
  /** What the member's folder has room for: its data, and as much again. */
  readonly mebibytes: number;
  readonly parameters: Readonly<Record<string, string>>;
  /** Writes log and nothing else: there is room for it in every table. */
  readonly writeLog: string;
  /** A row of some 700 kB. */
  readonly writeLarge: string;
  /** Last words for want of space. */
  readonly lastWords: RegExp;
};

/** Not to be compressed to nothing. */
const REPLACE = 'REPLACE INTO filler VALUES (1, HEX(RANDOM_BYTES(1000)))';
const LARGE = 'INSERT INTO large VALUES (REPEAT(HEX(RANDOM_BYTES(500)), 700))';
const WAITS = /Disk is full writing '\.\/bin\.[^']+'.*No space left on device.*\n(?:.*\n)*imapcluster: killed/;

const ofMysql = { writeLog: REPLACE, writeLarge: LARGE, lastWords: WAITS };

const wordsOf = (engine: EngineUnderTest): Words =>
  words[engine === 'postgresql' ? engine : packagedServers[engine].kind];

const words: Readonly<Record<Engine, Words>> = {
  postgresql: {
    mebibytes: 160,
    parameters: { min_wal_size: '32MB' },
    writeLog: "SELECT pg_logical_emit_message(true, 'test', repeat('x', 4000000))",
    writeLarge: "INSERT INTO large SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 22000)",
    lastWords: /PANIC: .*No space left on device/,
  },
  mariadb: { mebibytes: 256, parameters: {}, ...ofMysql },
  mysql: { mebibytes: 448, parameters: {}, ...ofMysql },
};

/** All of a stopped member: what lies beside the data is on the volume as well, its options, temporary files, what the agent remembers. */
async function moveToVolume(member: RunningMember, mebibytes: number): Promise<SmallVolume> {
  const place = await mkdtemp(join(tmpdir(), 'imapcluster-data-'));
  const volume = await SmallVolume.mount(place, { kibibytes: mebibytes * MiB_IN_KiB, uid: NOBODY });
  const folder = dirname(member.dataDirectory);
  await run('cp', ['-a', `${folder}/.`, place]);
  await run('rm', ['-r', folder]);
  await run('ln', ['-s', place, folder]);
  return volume;
}

describe.skipIf(reason !== null).each(enginesUnderTest)('a primary on a full volume: %s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let volume: SmallVolume;
  const its = wordsOf(engine);

  beforeAll(async () => {
    running = await startRepository({
      members: 1,
      durability: 'Async',
      engine,
      configuration: { restart: { primaryAfterMs: 300, maximumMs: 300 } },
      parameters: its.parameters,
    });
    primary = running.primary;
    await primary.client.order(1, { kind: 'stop', mode: 'fast' });
    volume = await moveToVolume(primary, its.mebibytes);
    await primary.client.order(1, { kind: 'grant' });
    await ask('CREATE TABLE t (id int PRIMARY KEY)');
    await ask('CREATE TABLE filler (id int PRIMARY KEY, content varchar(4000))');
    await ask(`CREATE TABLE large (content ${engine === 'postgresql' ? 'text' : 'longtext'})`);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await volume?.unmount();
    await rm(volume?.path ?? '', { recursive: true, force: true });
  });

  const ask = (statement: string) => askAs('mail', { member: primary, running }, statement);
  const fullReports = () =>
    primary
      .agentLog()
      .split('\n')
      .filter((line) => line.includes('"code":"DiskFull"'));

  test('where not even its settings can be written, it is down, and started as soon as they can', async () => {
    await ask('INSERT INTO t VALUES (1)');
    const { serverPid } = await primary.client.until((report) => report.grantedEpoch !== null);
    await volume.fill();
    process.kill(serverPid ?? 0, 'SIGKILL');
    await expect.poll(() => fullReports()[0], { timeout: 15_000 }).toContain('ENOSPC');
    expect(await primary.client.status()).toMatchObject({ state: 'exited', serverPid: null });
    await volume.free();
    await startsAgain();
    expect(await ask('SELECT id FROM t')).toEqual([{ id: 1 }]);
  }, 90_000);

  test('the end of a server whose log has no space is told as DiskFull, with the line that says so', async () => {
    await ask('INSERT INTO t VALUES (2)');
    await volume.fill();
    const told = primary.client.until((report) => report.exit?.cause === 'DiskFull', 30_000);
    await expect(writeLogForEver()).rejects.toThrow();
    const { exit, state, grantedEpoch } = await told;
    expect({ state, grantedEpoch }).toEqual({ state: 'exited', grantedEpoch: null });
    expect(exit?.lastLog.join('\n')).toMatch(its.lastWords);
    await volume.free();
    await startsAgain();
    expect(await ask('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    await ask('INSERT INTO t VALUES (3)');
  }, 90_000);

  // MariaDB ends where it has no space to take back what it began; the others say no.
  test('of something large, whatever finds no space first, it refuses that and goes on, or has ended and says why', async () => {
    const { serverPid } = await primary.client.status();
    await volume.fill();
    const session = await openAs('mail', primary, running);
    const write = async (): Promise<never> => {
      for (;;) await session.query(its.writeLarge);
    };
    await expect(write()).rejects.toThrow();
    const goesOn = await ask('SELECT COUNT(*) FROM t').then(
      () => true,
      () => false,
    );
    if (goesOn) expect(await primary.client.status()).toMatchObject({ state: 'running', serverPid });
    else await primary.client.until((report) => report.exit?.cause === 'DiskFull', 30_000);
    await volume.free();
    if (!goesOn) await startsAgain();
    expect(await ask('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await ask('INSERT INTO t VALUES (4)');
  }, 90_000);

  async function startsAgain(): Promise<void> {
    await primary.client.until((report) => report.state === 'running', 60_000);
    await primary.client.order(1, { kind: 'grant' });
  }

  async function writeLogForEver(): Promise<never> {
    const session = await openAs('mail', primary, running);
    for (;;) await session.query(its.writeLog);
  }
});

// Promise: a replica that has no space for what it receives is read on, and goes on by itself once there is; its primary does not care.

describe.skipIf(reason !== null).each(enginesUnderTest)('a replica on a full volume: %s', (engine) => {
  let running: RunningRepository;
  let primary: RunningMember;
  let replica: RunningMember;
  let volume: SmallVolume;
  const its = wordsOf(engine);

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Async', engine, parameters: its.parameters });
    primary = running.primary;
    [replica] = running.replicas as [RunningMember];
    await ask(primary, 'CREATE TABLE t (id int PRIMARY KEY)');
    await ask(primary, 'CREATE TABLE filler (id int PRIMARY KEY, content varchar(4000))');
    await ask(primary, 'INSERT INTO t VALUES (1)');
    await replica.client.order(1, { kind: 'stop', mode: 'fast' });
    volume = await moveToVolume(replica, its.mebibytes);
    await replica.client.order(1, { kind: 'follow', upstream: { member: primary.name, endpoint: primary.endpoint } });
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await volume?.unmount();
    await rm(volume?.path ?? '', { recursive: true, force: true });
  });

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const idsOn = async (member: RunningMember): Promise<unknown> => {
    const rows = await ask(member, 'SELECT id FROM t ORDER BY id').catch((error: Error) => error.message);
    return typeof rows === 'string' ? rows : rows.map(({ id }) => id);
  };
  const isTold = (): boolean => replica.agentLog().includes('"code":"DiskFull"');

  test('it is read on, and has everything soon after there is space again', async () => {
    const { serverPid } = await replica.client.until(
      (report) => report.replication?.upstream?.streaming === true,
      60_000,
    );
    await expect.poll(() => idsOn(replica), { timeout: 30_000 }).toEqual([1]);
    await volume.fill();
    const session = await openAs('mail', primary, running);
    for (let count = 0; count < 20_000 && !isTold(); count += 1) await session.query(its.writeLog);
    await session.query('INSERT INTO t VALUES (2)');
    await session.end();
    expect(isTold()).toBe(true);
    for (let count = 0; count < 10; count += 1) expect(await idsOn(replica)).toEqual([1]);
    await volume.free();
    // MariaDB and MySQL look for space once a minute.
    await expect.poll(() => idsOn(replica), { timeout: 120_000, interval: 200 }).toEqual([1, 2]);
    expect(await replica.client.status()).toMatchObject({ state: 'running', serverPid });
  }, 240_000);
});
