import { afterAll, beforeAll } from 'vitest';
import { manifests } from './manifests.ts';
import { fetchEverything } from './rounds/fetch.ts';
import { synchroniseChanges, synchroniseFirst } from './rounds/synchronise.ts';
import { workWithMail } from './rounds/work.ts';
import { deliveredDigest } from './stores/digests.ts';
import { type ClientsCluster, openCluster } from './support/open-cluster.ts';
import { openPlace } from './support/place.ts';
import { TestFolder, testClients } from './support/test-clients.ts';

/**
 * Promise: what keeps two sides the same ends with the same on both, after a first run that was killed, and after both sides have changed. What fetches mail gets every message
 * whole, also after it was told to end in the middle. Whoever reads, stores, flags, moves and expunges leaves the mailboxes
 * as was asked for, and, coming back after others were there, knows what they hold.
 */
const START_MS = 180_000;

let folder: TestFolder;
let mail: ClientsCluster;
beforeAll(async () => {
  folder = await TestFolder.make();
  mail = await openCluster(folder.path, manifests('Async', 2));
}, START_MS);
afterAll(async () => {
  await mail.cluster.stop();
  await folder.remove();
}, START_MS);

await testClients('synchroniser', async ({ name }, does, { onTestFinished }) => {
  const opened = await openPlace(mail, await folder.below(name), deliveredDigest);
  onTestFinished(opened.close);
  const synchronisation = await does.open(opened.place);
  const round = { name, server: opened.store, synchronisation, digest: deliveredDigest, seed: 1 };
  await synchroniseFirst(round);
  await synchroniseChanges(round);
});

await testClients('fetcher', async ({ name }, does, { onTestFinished }) => {
  const opened = await openPlace(mail, await folder.below(name), deliveredDigest);
  onTestFinished(opened.close);
  const fetching = await does.open(opened.place);
  await fetchEverything({ name, server: opened.store, fetching, empties: does.empties, digest: deliveredDigest });
});

await testClients('worker', async ({ name }, worker, { onTestFinished }) => {
  const opened = await openPlace(mail, await folder.below(name), worker.digest);
  onTestFinished(opened.close);
  await workWithMail({ name, worker, place: opened.place, server: opened.store });
});
