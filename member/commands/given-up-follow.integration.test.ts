import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askAs } from '../test-support/connect-as.ts';
import { type SilentProxy, startSilentProxy } from '../test-support/silent-proxy.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/**
 * Promise: a former primary whose `follow` is given up for a command that goes ahead is no diverged one: it stays the replica that it
 * was made, and attaches as soon as it is told again.
 */
let running: RunningRepository;
let former: RunningMember;
let primary: RunningMember;
let way: SilentProxy;
let folder: string;

const hold = (): string => join(folder, 'hold');
const at = (port: number) => ({ member: primary.name, endpoint: { host: '127.0.0.1', port } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-hold-'));
  await chmod(folder, 0o755);
  // Recovery is held for as long as the file is there.
  const parameters = { restore_command: `while test -e ${hold()}; do sleep 0.02; done; false` };
  running = await startRepository({ members: 2, durability: 'Async', parameters });
  former = running.primary;
  [primary] = running.replicas as [RunningMember];
  way = await startSilentProxy(primary.endpoint.port);
  await former.client.order(2, { kind: 'stop', mode: 'fast' });
  await primary.client.order(2, { kind: 'detach' });
  await primary.client.order(2, { kind: 'promote', synchronous: { required: 0, members: [] } });
  await primary.client.order(2, { kind: 'stamp', epoch: 2, uidGap: 0 });
  await primary.client.order(2, { kind: 'grant' });
}, 120_000);
afterAll(async () => {
  way?.close();
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('given up between its start and the first of the log, it is a replica still, and follows when it is told again', async () => {
  await writeFile(hold(), '');
  const followed = former.client.send(2, { kind: 'follow', upstream: at(Number(new URL(way.url).port)) });
  await former.client.until(({ state }) => state === 'starting');
  way.silence();
  await rm(hold());
  await former.client.until(({ state }) => state === 'running');
  const detached = await former.client.send(3, { kind: 'detach' });
  expect(await followed).toMatchObject({ status: 422, body: { code: 'Superseded' } });
  expect(detached).toMatchObject({ status: 200 });
  await former.client.order(3, { kind: 'follow', upstream: at(primary.endpoint.port) });
  await askAs('mail', { member: primary, running }, 'CREATE TABLE t (id int PRIMARY KEY)');
  await expect.poll(() => askAs('mail', { member: former, running }, 'SELECT id FROM t')).toEqual([]);
});
