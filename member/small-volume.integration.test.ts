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

// Promise: on a small volume log leaves most of the room to mail, however much is written and whoever is away; what a volume grows
// by counts without a restart; and what the owner sets holds.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`member/small-volume: skipped: ${reason}\n`);

const NOBODY = 65_534;
const MiB = 1024 ** 2;
const KIBIBYTES = 512 * 1024;
const run = promisify(execFile);

describe.skipIf(reason !== null)('a primary on a volume of 512 MiB', () => {
  let running: RunningRepository;
  let primary: RunningMember;
  let volume: SmallVolume;

  beforeAll(async () => {
    running = await startRepository({ members: 1, durability: 'Async', parameters: { min_wal_size: '48MB' } });
    primary = running.primary;
    const place = await mkdtemp(join(tmpdir(), 'imapcluster-data-'));
    volume = await SmallVolume.mount(place, { kibibytes: KIBIBYTES, uid: NOBODY });
    await primary.client.order(1, { kind: 'stop', mode: 'fast' });
    await run('cp', ['-a', `${primary.dataDirectory}/.`, place]);
    await run('rm', ['-r', primary.dataDirectory]);
    await run('ln', ['-s', place, primary.dataDirectory]);
    await primary.client.order(1, { kind: 'grant' });
  });
  afterAll(async () => {
    await running?.stop();
    await volume?.unmount();
    await rm(volume?.path ?? '', { recursive: true, force: true });
  });

  const ask = (statement: string) => askAs('mail', { member: primary, running }, statement);
  const shown = async (name: string): Promise<unknown> => {
    const [row] = await ask(`SELECT current_setting('${name}') AS value`);
    return row?.value;
  };
  /** As the operator does it for a volume of that size. */
  const keepForAbsent = async (retainBytes: number) =>
    await primary.client.order(1, { kind: 'keepFor', members: ['a1'], retainBytes });

  test('more log than there is room for is written, with a replica away: it ends nobody, and most of the room is left', async () => {
    await keepForAbsent(64 * MiB);
    expect([await shown('max_wal_size'), await shown('min_wal_size')]).toEqual(['64MB', '48MB']);
    const { serverPid } = await primary.client.until((report) => report.grantedEpoch !== null);
    for (let written = 0; written < 1_024; written += 4)
      await ask("SELECT pg_logical_emit_message(true, 'test', repeat('x', 4 * 1024 * 1024))");
    const { stdout } = await run('du', ['--summarize', '--block-size=1M', join(volume.path, 'pg_wal')]);
    expect(Number.parseInt(stdout, 10)).toBeLessThan(256);
    expect((await primary.client.status()).serverPid).toBe(serverPid);
  }, 120_000);

  test('a volume that grows has room for more, at once', async () => {
    const { serverPid } = await primary.client.status();
    await volume.grow(4 * KIBIBYTES);
    await keepForAbsent(256 * MiB);
    await expect.poll(() => shown('max_wal_size')).toBe('256MB');
    expect([await shown('min_wal_size'), await shown('wal_keep_size')]).toEqual(['48MB', '64MB']);
    expect((await primary.client.status()).serverPid).toBe(serverPid);
  });
});
