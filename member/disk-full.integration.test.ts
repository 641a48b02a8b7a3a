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

// Promise: a server that ends because its log finds no disk space is reported as that, with its own words, however often
// it fails to start; once there is space it comes back with everything it had acknowledged.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`member/disk-full: skipped: ${reason}\n`);

const NOBODY = 65_534;
const MiB_IN_KiB = 1024;
const run = promisify(execFile);

describe.skipIf(reason !== null)('a primary whose log has no disk space', () => {
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
    const place = await mkdtemp(join(tmpdir(), 'imapcluster-log-'));
    volume = await SmallVolume.mount(place, { kibibytes: 64 * MiB_IN_KiB, uid: NOBODY });
    await primary.client.order(1, { kind: 'stop', mode: 'fast' });
    const log = join(primary.dataDirectory, 'pg_wal');
    await run('cp', ['-a', `${log}/.`, place]);
    await run('rm', ['-r', log]);
    await run('ln', ['-s', place, log]);
    await primary.client.order(1, { kind: 'grant' });
    await ask('CREATE TABLE t (id int, filling text)');
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

  test('its end is told as DiskFull, with the line that says so', async () => {
    await ask('INSERT INTO t VALUES (1)');
    await volume.fill();
    const told = primary.client.until((report) => report.exit?.cause === 'DiskFull', 30_000);
    const flood = 'INSERT INTO t SELECT 2, repeat(md5(random()::text), 50) FROM generate_series(1, 60000)';
    await expect(ask(flood)).rejects.toThrow();
    const { exit, state, grantedEpoch } = await told;
    expect({ state, grantedEpoch }).toEqual({ state: 'exited', grantedEpoch: null });
    expect(exit?.lastLog.join('\n')).toMatch(/PANIC: .*No space left on device/);
    expect(fullReports()[0]).toContain('No space left on device');
  });

  test('with space it starts again, and everything acknowledged is there', async () => {
    await volume.free();
    await primary.client.until((report) => report.state === 'running', 30_000);
    await primary.client.order(1, { kind: 'grant' });
    expect(await ask('SELECT id, count(*)::int AS n FROM t GROUP BY id')).toEqual([{ id: 1, n: 1 }]);
    await ask('INSERT INTO t VALUES (3)');
  });
});
