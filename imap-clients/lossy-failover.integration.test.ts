import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { clientTable } from './client-table.ts';
import type { Synchroniser } from './mail-client.ts';
import { manifests } from './manifests.ts';
import { type Change, make, someChanges } from './rounds/changes.ts';
import { generatedMail } from './rounds/generated-mail.ts';
import { fillBoth, mustBeSame, type Round, synchronise } from './rounds/synchronise.ts';
import { deliveredDigest } from './stores/digests.ts';
import { asLines, type Contents } from './stores/mail-store.ts';
import { findClient } from './support/find-client.ts';
import { type ClientsCluster, openCluster, PARTITION } from './support/open-cluster.ts';
import { openPlace } from './support/place.ts';
import { TestFolder } from './support/test-clients.ts';

/**
 * Promise: when a failover has lost what was acknowledged last, those who have seen it come to hold what the server holds; and when salvage has
 * brought it back they have it too. Nothing that was acknowledged is missing then, and nothing was fetched for that but what is new.
 */
const START_MS = 180_000;
const FAILOVER_MS = 120_000;
const TEST_MS = 400_000;
const MANY = 60;

const clients = clientTable.filter(({ does }) => does.kind === 'synchroniser');
const found = await Promise.all(clients.map(findClient));
const missing = clients.filter((_, n) => found[n]?.found === false).map(({ name }) => name);
const leftOut = missing.length === 0 ? '' : ` (left out: ${missing.join(', ')} missing: npm run clients -- install)`;

let folder: TestFolder;
let mail: ClientsCluster;
beforeAll(async () => {
  folder = await TestFolder.make();
  mail = await openCluster(folder.path, `${manifests('Async', 2)}  failover: {maxLostSeconds: 600}\n`);
}, START_MS);
afterAll(async () => {
  await mail.cluster.stop();
  await folder.remove();
}, START_MS);

const status = () => mail.cluster.status(PARTITION);
const eventually = { timeout: FAILOVER_MS, interval: 100 };

async function opened(name: string, does: Synchroniser): Promise<Round> {
  const place = await openPlace(mail, await folder.below(name), deliveredDigest);
  onTestFinished(place.close);
  const synchronisation = await does.open(place.place);
  return { name, server: place.store, synchronisation, digest: deliveredDigest, seed: 5 };
}

/** Both sides change, and are made the same again: the primary alone knows of it. */
async function change(round: Round): Promise<Contents> {
  const before = await mustBeSame(round);
  const newMail = generatedMail(6);
  await make(someChanges(before, newMail(10), 0).filter(isSalvaged), round.server);
  await make(someChanges(before, newMail(10), 1).filter(isSalvaged), round.synchronisation.other);
  await synchronise(round);
  return await mustBeSame(round);
}

/** Expunges that were lost are not done again: docs/guides/failover.md. */
const isSalvaged = ({ kind }: Change): boolean => kind === 'add' || kind === 'flag';

const digestsOf = (contents: Contents): ReadonlySet<string> =>
  new Set([...contents.values()].flat().map(({ digest }) => digest));

test.skipIf(missing.length > 0)(`everybody who synchronises${leftOut}`, { timeout: TEST_MS }, async () => {
  const rounds = await Promise.all(clients.map(({ name, does }) => opened(name, does as Synchroniser)));
  for (const round of rounds) {
    await fillBoth(round, MANY);
    await synchronise(round);
  }
  const { primary, epoch, members } = await status();
  const replica = members.find(({ role }) => role === 'replica')?.name ?? '';
  const letGo = await mail.cluster.holdBack(PARTITION, replica);
  const acknowledged: Contents[] = [];
  for (const round of rounds) acknowledged.push(await change(round));

  await mail.cluster.powerOff(PARTITION, primary ?? '');
  letGo();
  await vi.waitFor(async () => {
    const now = await status();
    expect(now).toMatchObject({ primary: replica, lastFailover: { epoch: now.epoch } });
    expect(now.epoch).toBeGreaterThan(epoch);
  }, eventually);
  for (const [n, round] of rounds.entries()) {
    await synchronise(round);
    const left = await mustBeSame(round);
    // Else nothing was lost, and this test has shown nothing.
    expect(asLines(left)).not.toEqual(asLines(acknowledged[n] ?? new Map()));
  }

  await mail.cluster.powerOn(PARTITION, primary ?? '');
  await vi.waitFor(async () => expect((await status()).lastFailover?.salvaged).toBeTruthy(), eventually);
  for (const [n, round] of rounds.entries()) {
    await synchronise(round);
    const now = digestsOf(await mustBeSame(round));
    expect([...digestsOf(acknowledged[n] ?? new Map())].filter((digest) => !now.has(digest))).toEqual([]);
  }
});
