import { canonicalUser } from '#contract/placement.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { checkRules } from '#crds/rules/check-rules.ts';
import { clusterRules } from '#crds/rules/cluster-rules.ts';
import { partitionRules } from '#crds/rules/partition-rules.ts';
import { parseSlotRange } from '#crds/slot-range.ts';
import type { Manifests } from '../manifests/load-manifests.ts';
import { StandaloneError } from '../standalone-error.ts';
import { readFileIfPresent, writeFileAtomically } from './atomic-file.ts';
import type { StateFolder } from './state-folder.ts';

type Kept = { readonly cluster: ImapCluster; readonly partitions: readonly MailboxPartition[] };

/**
 * Keeps the manifests of the last start, and refuses a change that the data in the folder cannot follow: the rules
 * about `oldSelf`, and everything that would make an occupied mailbox disappear.
 *
 * @throws StandaloneError ConfigurationInvalid with all such changes
 */
export async function keepManifests(state: StateFolder, { cluster, partitions }: Manifests): Promise<void> {
  const file = state.file('manifests.json');
  const text = await readFileIfPresent(file);
  const before = text === null ? null : (JSON.parse(text) as Kept);
  const problems = before === null ? [] : forbiddenChanges(before, { cluster, partitions });
  if (problems.length > 0) {
    const message = `the manifests do not go with the state folder ${state.path}:\n  ${problems.join('\n  ')}`;
    throw new StandaloneError('ConfigurationInvalid', message);
  }
  await writeFileAtomically(file, `${JSON.stringify({ cluster, partitions }, null, 2)}\n`);
}

/** Each change that the data cannot follow, in a sentence; none for a first start. */
export function forbiddenChanges(before: Kept, after: Kept): readonly string[] {
  if (before.cluster.metadata.name !== after.cluster.metadata.name) {
    return [`it belongs to ImapCluster ${before.cluster.metadata.name}, not ${after.cluster.metadata.name}`];
  }
  const clusterChanges = checkRules(transitions(clusterRules), after.cluster, before.cluster).map(
    ({ path, message }) => `ImapCluster ${after.cluster.metadata.name}: ${path.join('.')}: ${message}`,
  );
  return [...clusterChanges, ...before.partitions.flatMap((partition) => partitionChanges(partition, after))];
}

function partitionChanges(before: MailboxPartition, { partitions }: Kept): readonly string[] {
  const { name } = before.metadata;
  const after = partitions.find(({ metadata }) => metadata.name === name);
  if (after === undefined) return [`MailboxPartition ${name}: missing: its mailboxes would be out of reach`];
  const rules = checkRules(transitions(partitionRules), after, before).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
  return [...rules, ...instanceChanges(before, after), ...placementChanges(before, after)].map(
    (problem) => `MailboxPartition ${name}: ${problem}`,
  );
}

function instanceChanges(before: MailboxPartition, after: MailboxPartition): readonly string[] {
  const [was, is] = [before, after].map(({ spec }) => spec.repository.managed?.instances);
  if (was === is) return [];
  return [`spec.repository.managed.instances: was ${was}, is ${is}: changing it is not supported in this version`];
}

/** What a partition held, it may have mail of. Moving mailboxes is not built yet, so it must go on holding it. */
function placementChanges(before: MailboxPartition, after: MailboxPartition): readonly string[] {
  const slots = slotSet(after);
  const users = new Set(after.spec.holds.users.map(canonicalUser));
  const lostSlots = [...slotSet(before)].filter((slot) => !slots.has(slot));
  const lostUsers = before.spec.holds.users.filter((user) => !users.has(canonicalUser(user)));
  const lostNamespaces = before.spec.holds.namespaces.filter((name) => !after.spec.holds.namespaces.includes(name));
  const [first] = lostSlots;
  return [
    ...(first === undefined
      ? []
      : [
          `spec.holds.slots: ${lostSlots.length} slots, from ${first} on, are no longer held: mail in them would vanish`,
        ]),
    ...lostUsers.map((user) => `spec.holds.users: ${user} is no longer held: mail of this user would vanish`),
    ...lostNamespaces.map((name) => `spec.holds.namespaces: ${name} is no longer held: mail in it would vanish`),
  ];
}

const transitions = (rules: typeof partitionRules): typeof partitionRules => rules.filter((rule) => rule.transition);

function slotSet({ spec }: MailboxPartition): ReadonlySet<number> {
  const ranges = spec.holds.slots.map(parseSlotRange);
  return new Set(ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, step) => from + step)));
}
