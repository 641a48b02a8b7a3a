import { afterAll, beforeAll, expect, vi } from 'vitest';
import { manifests } from './manifests.ts';
import { MANY } from './rounds/many.ts';
import { fillBoth, inTheMiddle, mustBeSame, synchroniseChanges } from './rounds/synchronise.ts';
import { deliveredDigest } from './stores/digests.ts';
import { type ClientsCluster, openCluster, PARTITION } from './support/open-cluster.ts';
import { openPlace } from './support/place.ts';
import { TestFolder, testClients } from './support/test-clients.ts';

/**
 * Promise: a primary that dies while somebody synchronises costs a pause. The run goes on over the same connection and ends well, and both sides are
 * the same.
 */
const START_MS = 180_000;
const FAILOVER_MS = 90_000;
const MEMBERS = 3;
const HALF = MANY / 2;

let folder: TestFolder;
let mail: ClientsCluster;
beforeAll(async () => {
  folder = await TestFolder.make();
  mail = await openCluster(folder.path, manifests('Quorum', MEMBERS));
}, START_MS);
afterAll(async () => {
  await mail.cluster.stop();
  await folder.remove();
}, START_MS);

/** The last failover is over, and a primary and its replicas are there. */
async function whole(): Promise<void> {
  const patience = { timeout: FAILOVER_MS, interval: 100 };
  await vi.waitFor(async () => {
    const { members, phase, primary } = await mail.cluster.status(PARTITION);
    const roles = members.map(({ role }) => role).sort();
    expect({ phase, roles, primary }).toMatchObject({ phase: 'Healthy', roles: ['primary', 'replica', 'replica'] });
  }, patience);
}

await testClients('synchroniser', async ({ name }, does, { onTestFinished }) => {
  const opened = await openPlace(mail, await folder.below(name), deliveredDigest);
  onTestFinished(opened.close);
  const synchronisation = await does.open(opened.place);
  const round = { name, server: opened.store, synchronisation, digest: deliveredDigest, seed: 4 };
  const expected = await fillBoth(round, HALF);
  await whole();
  const { primary, epoch } = await mail.cluster.status(PARTITION);
  const run = synchronisation.start();
  await inTheMiddle(round, run, HALF);
  expect(run.child.exitCode).toBeNull();
  await mail.cluster.killServer(PARTITION, primary ?? '');
  const { code, output } = await run.ended;
  expect(code, `${name}:\n${output.slice(-4_000)}`).toBe(0);
  expect((await mail.cluster.status(PARTITION)).epoch).toBeGreaterThan(epoch);
  await mustBeSame(round, expected);
  await synchroniseChanges(round);
});
