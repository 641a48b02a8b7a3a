import { chown, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SmallVolume, whyNoSmallVolume } from '#runtime/test-support/small-volume.ts';
import { Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';

// Promise: where the state folder's disk is full a run does not start and says why; one that runs already goes on
// serving, says once that nothing can be recorded, and goes on recording when there is space.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`standalone/disk-full: skipped: ${reason}\n`);

const NOBODY = 65_534;
const START_MS = 60_000;

describe.skipIf(reason !== null)('a full disk', () => {
  let sandbox: Sandbox;
  let manifest: string;
  let volume: SmallVolume | null;
  beforeEach(async () => {
    volume = null;
    sandbox = new Sandbox();
    manifest = await sandbox.manifest(SMALL_CLUSTER);
  });
  afterEach(async () => {
    await volume?.unmount();
    await sandbox.close();
  });

  const start = () =>
    sandbox.standalone('-f', manifest, '--state', sandbox.state, '--imap-port', '0', '--imaps-port', '0');

  test('under a new state folder: refused in one message', async () => {
    volume = await SmallVolume.mount(sandbox.state, { kibibytes: 4 });
    const run = start();
    expect(await run.ended()).toBe(1);
    expect(run.output()).toContain('"code":"DiskFull"');
    expect(run.output()).toContain(`no disk space left for ${sandbox.state}`);
    expect(run.output()).not.toMatch(/ {4}at /);
    expect(await sandbox.processes()).toEqual([]);
  });

  test(
    "under the operator's records: mail is served, the trouble told once, and recorded once there is space",
    async () => {
      const run = start();
      await run.says('Serving IMAP');
      const records = join(sandbox.state, 'operator');
      volume = await mountOver(records);
      await volume.fill();
      const { serverPid } = await member('users-0');
      process.kill(serverPid, 'SIGKILL');
      await run.says('"code":"DiskFull"');
      // It is started again in place, as Async wants it, which needs no record.
      await vi.waitFor(async () => expect((await member('users-0')).role).toBe('primary'), { timeout: START_MS });
      const added = await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], 'x');
      expect(added).toMatchObject({ code: 0 });
      expect(run.output().split('"code":"DiskFull"')).toHaveLength(2);
      expect(run.output()).not.toContain('"code":"Unexpected"');
      await volume.free();
      const done = await sandbox.imapctl(['switchover', 'users', '--to', 'users-1']);
      expect(done).toEqual({ code: 0, output: 'users: users-1 is the primary since epoch 2\n' });
    },
    START_MS,
  );

  type Member = { readonly name: string; readonly serverPid: number; readonly role: string | null };
  async function member(name: string): Promise<Member> {
    const { output } = await sandbox.imapctl(['status', '-o', 'json']);
    const members: readonly Member[] = JSON.parse(output).members;
    return members.find((one) => one.name === name) as Member;
  }

  /** The folder goes on with the same content on a volume of its own. */
  async function mountOver(folder: string): Promise<SmallVolume> {
    const aside = `${sandbox.folder}/aside`;
    await cp(folder, aside, { recursive: true });
    const mounted = await SmallVolume.mount(folder, { kibibytes: 256, uid: NOBODY });
    await cp(aside, folder, { recursive: true });
    await rm(aside, { recursive: true });
    for (const part of ['records', 'records/users.json', 'routing.json', 'routing.jws']) {
      await chown(join(folder, part), NOBODY, NOBODY);
    }
    return mounted;
  }
});
