import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { farewell } from '#imapd/session/farewell/farewell.ts';
import { connectCluster } from './clusters/connect-cluster.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { Crowd } from './support/crowd.ts';
import { installOperator } from './support/installation.ts';
import { kubectl, kubectlGet } from './support/kubectl.ts';
import { MailCluster } from './support/mail-cluster.ts';
import type { List, PartitionObject } from './support/objects.ts';

/**
 * Promise: a partition that holds users is not deleted before a person has confirmed it; once deleted its volumes are kept,
 * and a partition of the same name goes on with them: same mail, same UIDs, a higher epoch or the same. Volumes grow while it serves. With `reclaim: Delete` nothing is kept.
 * Budget: 5 minutes.
 */
const RUN_MS = 420_000;

let mail: MailCluster;

beforeAll(async () => {
  await installOperator(await connectCluster());
  mail = await MailCluster.create({
    namespace: 'e2e-recreation',
    replicas: 1,
    partitions: [{ name: 'users', slots: ['0-1023'], mode: 'Quorum', instances: 3 }],
  });
}, 600_000);

// A try before may have come as far as to delete it.
beforeEach(async () => {
  await mail.apply();
  await mail.untilReady();
}, 300_000);

afterAll(async () => await mail.remove());

test(
  'deletion is held, then confirmed; the volumes stay, and the partition comes back on them',
  async () => {
    const users = await mail.someUsers('kept', 2);
    const crowd = await Crowd.gather(mail, users, { idle: 0, list: 0, read: 2, write: 2 });
    await crowd.untilWritten(20);
    const at = `--namespace=${mail.namespace}`;
    await kubectl(['delete', 'mailboxpartition/users', at, '--wait=false']);
    const held = async (): Promise<boolean> => {
      const { status } = await kubectlGet<PartitionObject>(['mailboxpartition/users', at]);
      return /confirm-deletion/.test(JSON.stringify(status?.conditions ?? []));
    };
    await waitFor(held, { what: 'a condition that says how to confirm', deadlineMs: 60_000, everyMs: 250 });
    await crowd.untilWritten(5);
    const confirmed = performance.now();
    await confirmDeletion();
    expect(await volumes()).toBe(3);
    await mail.apply();
    await mail.untilReady();
    const late = await Crowd.gather(mail, users, { idle: 0, list: 0, read: 1, write: 2 });
    await late.untilWritten(5);
    await late.verdict();
    // Whose mailboxes are not served any more is told so, between two commands.
    const farewells = { since: new Map(crowd.sessions.map(({ name }) => [name, confirmed])), words: farewell.unserved };
    await crowd.verdict({ farewells, rules: { answerWithinMs: 300_000 } });
  },
  RUN_MS,
);

test(
  'more storage: every volume grows under people at work, and no server starts anew',
  async ({ skip }) => {
    const { items: classes } = await kubectlGet<List<{ allowVolumeExpansion?: boolean }>>(['storageclasses']);
    if (!classes.some(({ allowVolumeExpansion }) => allowVolumeExpansion))
      return skip('no storage class lets volumes grow');
    const users = await mail.someUsers('growing', 2);
    const crowd = await Crowd.gather(mail, users, { idle: 0, list: 0, read: 2, write: 2 });
    const pods = async (): Promise<readonly string[]> =>
      (await mail.pods('database')).map(
        ({ metadata, status }) => `${metadata.uid} ${status.containerStatuses?.[0]?.restartCount}`,
      );
    const before = await pods();
    const [partition] = mail.shape.partitions;
    await mail.apply({ partitions: [{ ...partition!, managed: { storage: { size: '2Gi' } } }] });
    const grown = async (): Promise<boolean> => {
      const claims = await volumesNow();
      const sized = (await mail.partition('users')).status?.conditions?.find(({ type }) => type === 'VolumesSized');
      return claims.every(({ status }) => status.capacity?.storage === '2Gi') && sized?.message === '2Gi';
    };
    await waitFor(grown, { what: 'three volumes of 2Gi', deadlineMs: 60_000, everyMs: 500 });
    expect(await volumes()).toBe(3);
    expect(await pods()).toEqual(before);
    await crowd.verdict();
  },
  RUN_MS,
);

test(
  'with reclaim: Delete the volumes go with the partition',
  async () => {
    const [partition] = mail.shape.partitions;
    await mail.apply({ partitions: [{ ...partition!, managed: { ...partition?.managed, reclaim: 'Delete' } }] });
    await mail.untilReady();
    await kubectl(['delete', 'mailboxpartition/users', `--namespace=${mail.namespace}`, '--wait=false']);
    await confirmDeletion();
    const none = async (): Promise<boolean> => (await volumes()) === 0;
    await waitFor(none, { what: 'the end of the volumes', deadlineMs: 90_000, everyMs: 500 });
  },
  RUN_MS,
);

async function confirmDeletion(): Promise<void> {
  const at = `--namespace=${mail.namespace}`;
  await kubectl(['annotate', 'mailboxpartition/users', at, 'imapcluster.io/confirm-deletion=users', '--overwrite']);
  const gone = async (): Promise<boolean> =>
    (await kubectl(['get', 'mailboxpartition/users', at, '--ignore-not-found', '--output=name'])) === '' &&
    (await mail.pods('database')).length === 0;
  await waitFor(gone, { what: 'the end of the partition', deadlineMs: 120_000, everyMs: 500 });
}

type Claim = { readonly status: { readonly capacity?: { readonly storage: string } } };

const volumesNow = async (): Promise<readonly Claim[]> =>
  (await kubectlGet<List<Claim>>(['pvc', `--namespace=${mail.namespace}`])).items;

/** How many claims there are. */
const volumes = async (): Promise<number> => (await volumesNow()).length;
