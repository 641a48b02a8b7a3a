import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SmallVolume, whyNoSmallVolume } from '#runtime/test-support/small-volume.ts';
import { askAs } from './test-support/connect-as.ts';
import type { RunningMember } from './test-support/start-members.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

// Promise: a server that ends because its log finds no disk space is reported as that, with its own words; it is tried
// again however early it fails, and once there is space it comes back with everything it had acknowledged.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`member/disk-full: skipped: ${reason}\n`);

const NOBODY = 65_534;
const MiB_IN_KiB = 1024;
const run = promisify(execFile);

describe.skipIf(reason !== null)('a primary on a full volume', () => {
  let running: RunningRepository;
  let primary: RunningMember;
  let volume: SmallVolume;

  beforeAll(async () => {
    running = await startRepository({
      members: 1,
      durability: 'Async',
      configuration: { restart: { primaryAfterMs: 300, maximumMs: 300 } },
      parameters: { min_wal_size: '32MB' },
    });
    primary = running.primary;
    const place = await mkdtemp(join(tmpdir(), 'imapcluster-data-'));
    volume = await SmallVolume.mount(place, { kibibytes: 160 * MiB_IN_KiB, uid: NOBODY });
    await primary.client.order(1, { kind: 'stop', mode: 'fast' });
    await run('cp', ['-a', `${primary.dataDirectory}/.`, place]);
    await run('rm', ['-r', primary.dataDirectory]);
    await run('ln', ['-s', place, primary.dataDirectory]);
    await primary.client.order(1, { kind: 'grant' });
    await ask('CREATE TABLE t (id int)');
  });
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
  });

  test('the end of a server whose log has no space is told as DiskFull, with the line that says so', async () => {
    await ask('INSERT INTO t VALUES (2)');
    await volume.fill();
    const told = primary.client.until((report) => report.exit?.cause === 'DiskFull', 30_000);
    await expect(writeLogForEver()).rejects.toThrow();
    const { exit, state, grantedEpoch } = await told;
    expect({ state, grantedEpoch }).toEqual({ state: 'exited', grantedEpoch: null });
    expect(exit?.lastLog.join('\n')).toMatch(/PANIC: .*No space left on device/);
    await volume.free();
    await startsAgain();
    expect(await ask('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    await ask('INSERT INTO t VALUES (3)');
  });

  async function startsAgain(): Promise<void> {
    await primary.client.until((report) => report.state === 'running', 30_000);
    await primary.client.order(1, { kind: 'grant' });
  }

  /** Nothing but log: a message in it needs no room in any table. */
  async function writeLogForEver(): Promise<never> {
    for (;;) await ask("SELECT pg_logical_emit_message(true, 'test', repeat('x', 4000000))");
  }
});
