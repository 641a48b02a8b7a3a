import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { RunAs } from '#runtime/privileges.ts';
import { isReachableFor } from './run-as.ts';
import { type Run, Sandbox, SMALL_CLUSTER, somebodyElse } from './test-support/run-standalone.ts';
import { serverUnderTest } from './test-support/server-under-test.ts';

/**
 * Promise: started by root, everything but the supervisor gives root up for good, groups included; started by anybody
 * else, everything runs as that user and no privilege is needed.
 */
const LONG_MS = 60_000;
const SERVING = ['--imap-port', '0', '--imaps-port', '0'];
const root = process.getuid?.() === 0;

/** Why a case cannot be tried here; null where it can. */
const notAsRoot = root ? null : 'only root can give privileges up';
const user = somebodyElse();
const notAsUser =
  (await isReachableFor(user, import.meta.filename)) || !root ? null : 'the checkout is closed to every user but root';
for (const [what, why] of [
  ['started by root', notAsRoot],
  ['started by an ordinary user', notAsUser],
]) {
  if (why !== null) process.stderr.write(`standalone/privileges: ${what}: skipped: ${why}\n`);
}

/** A server of each engine that there is. */
const servers = await Promise.all(enginesUnderTest.filter((name) => name !== 'postgresql').map(serverUnderTest));
const others = [...new Map(servers.map((server) => [server.engine, server])).values()];
const MANIFEST = [SMALL_CLUSTER, ...others.map(({ engine }) => folders(engine))].join('---\n');
const OPTIONS = others.flatMap(({ options }) => options);

function folders(engine: string): string {
  return `apiVersion: imapcluster.io/v1alpha1
kind: MailboxPartition
metadata: {name: folders-${engine}}
spec:
  clusterRef: {name: mail}
  holds: {namespaces: [${engine}]}
  repository: {engine: ${engine}, managed: {instances: 1}}
  durability: {mode: Async}
`;
}

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function serve(as: RunAs | null, ...args: readonly string[]): Promise<Run> {
  sandbox = new Sandbox(as);
  const manifest = await sandbox.manifest(MANIFEST);
  const run = sandbox.standalone('-f', manifest, '--state', sandbox.state, ...SERVING, ...OPTIONS, ...args);
  await run.says('Serving IMAP');
  return run;
}

/** Every process of the run but the supervisor: agents, operator, imapd, and all processes of all databases. */
async function children(run: Run): Promise<readonly number[]> {
  const pids = (await sandbox.processes()).filter((pid) => pid !== run.child.pid);
  // Agents, their servers, an operator and an imapd at least: a search that finds nothing must not pass.
  expect(pids.length).toBeGreaterThanOrEqual(6 + 2 * others.length);
  return pids;
}

/** Some live for a moment only, such as a backend of the database. */
function nullWhereGone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
  throw error;
}

describe.skipIf(notAsRoot !== null)('started by root', () => {
  test('every child is the unprivileged user', { timeout: LONG_MS }, async () => {
    const run = await serve(null);
    for (const pid of process.platform === 'linux' ? await children(run) : []) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(nullWhereGone);
      if (status === null) continue;
      // Real, effective, saved and file system: with any of them 0 root could be taken back.
      expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      expect(status).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
      expect(status).toMatch(/^Groups:\s*$/m);
      expect(status).toMatch(/^CapEff:\t0+$/m);
    }
    // What is root's own stays out of the children's reach.
    for (const part of ['lock', 'manifests.json', 'ports.json', 'control.sock']) {
      const { uid, mode } = await stat(join(sandbox.state, part));
      expect({ part, uid, mode: mode & 0o077 }).toEqual({ part, uid: 0, mode: 0 });
    }
  });
});

describe.skipIf(notAsUser !== null)('started by an ordinary user', () => {
  test('everything is that user, and it stops in order', { timeout: LONG_MS }, async () => {
    const uid = user?.uid ?? process.getuid?.();
    const run = await serve(user);
    for (const pid of process.platform === 'linux' ? await children(run) : []) {
      const owner = await stat(`/proc/${pid}`).catch(nullWhereGone);
      if (owner !== null) expect(owner.uid).toBe(uid);
    }
    run.child.kill('SIGINT');
    expect(await run.ended()).toBe(0);
  });

  test('it cannot become somebody else, and is told so', async () => {
    sandbox = new Sandbox(user);
    const manifest = await sandbox.manifest(SMALL_CLUSTER);
    const run = sandbox.standalone('-f', manifest, '--state', sandbox.state, '--user', 'nobody', ...SERVING);
    expect(await run.ended()).toBe(2);
    expect(run.output()).toContain('--user is for root');
  });
});
