import { canonicalNamespace, canonicalUser } from '#contract/placement.ts';
import { SLOT_COUNT } from '#contract/routing-document.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { AUTHORITY_KEY, type SecretReference, secretReferences } from '#crds/secret-references.ts';
import { gapsOf, overlapsOf, parseSlotRange, type SlotRange, slotsOf } from '#crds/slot-range.ts';
import { ADMINISTRATOR_KEYS } from './administrators.ts';
import type { CheckedObject, ManifestObject } from './check-object.ts';
import { type Mistake, mistakeAt } from './mistake.ts';
import { type Secret, secretValues } from './secret.ts';
import { authorityMistake, tlsMistake } from './tls-mistakes.ts';
import { unknownCapabilities } from './unknown-capabilities.ts';

/** What is wrong between objects that are each right. Warnings do not stop a start. */
export type CrossChecked = { readonly mistakes: readonly Mistake[]; readonly warnings: readonly Mistake[] };

export type Objects = {
  readonly clusters: readonly CheckedObject<ImapCluster>[];
  readonly partitions: readonly CheckedObject<MailboxPartition>[];
  readonly secrets: readonly CheckedObject<Secret>[];
};

/** Names, references and placement across all documents of all files. */
export function crossCheck(objects: Objects): CrossChecked {
  return {
    mistakes: [
      ...duplicateNames([...objects.clusters, ...objects.partitions, ...objects.secrets]),
      ...severalClusters(objects),
      ...unknownClusters(objects),
      ...overlaps(objects),
      ...heldTwice(objects, 'users'),
      ...heldTwice(objects, 'namespaces'),
      ...missingSecrets(objects),
      ...missingAdministrators(objects),
    ],
    warnings: [...objects.clusters.flatMap(unknownCapabilities), ...gaps(objects)],
  };
}

const namespaceOf = ({ metadata }: ManifestObject): string => metadata.namespace ?? 'default';
const identityOf = (object: ManifestObject): string => `${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;
const placeOf = ({ document }: CheckedObject): string => `${document.file}:${document.lineOf([])}`;

function duplicateNames(all: readonly CheckedObject[]): readonly Mistake[] {
  const seen = new Map<string, CheckedObject>();
  return all.flatMap((checked) => {
    const first = seen.get(identityOf(checked.object));
    if (first === undefined) seen.set(identityOf(checked.object), checked);
    return first === undefined
      ? []
      : [mistakeAt(checked.document, ['metadata', 'name'], `the same object stands at ${placeOf(first)} already`)];
  });
}

function severalClusters({ clusters }: Objects): readonly Mistake[] {
  return clusters
    .slice(1)
    .map(({ document }) =>
      mistakeAt(document, ['metadata', 'name'], 'a second ImapCluster; standalone runs exactly one'),
    );
}

function unknownClusters({ clusters, partitions }: Objects): readonly Mistake[] {
  const known = clusters.map(({ object }) => `${namespaceOf(object)}/${object.metadata.name}`);
  return partitions
    .filter(({ object }) => !known.includes(`${namespaceOf(object)}/${object.spec.clusterRef.name}`))
    .map(({ document, object }) => {
      const names = clusters.map((cluster) => cluster.object.metadata.name).join(', ') || 'none is given';
      const found = `no ImapCluster ${JSON.stringify(object.spec.clusterRef.name)} in namespace ${namespaceOf(object)}`;
      return mistakeAt(document, ['spec', 'clusterRef', 'name'], `${found}; given: ${names}`);
    });
}

function overlaps({ partitions }: Objects): readonly Mistake[] {
  return overlapsOf(slotsOf(partitions.map(({ object }) => object))).flatMap(
    ({ slots, partitions: [first, second] }) => {
      const late = partitions.findLast(({ object }) => object.metadata.name === second);
      if (late === undefined) return [];
      const index = late.object.spec.holds.slots.findIndex((text) => contains(parseSlotRange(text), slots));
      const message = `slots ${rangeText(slots)} are held by ${first} and by ${second}; allowed: by one partition`;
      return [mistakeAt(late.document, ['spec', 'holds', 'slots', Math.max(index, 0)], message)];
    },
  );
}

const ONE_OF = { users: 'user', namespaces: 'namespace' } as const;
const ONE_SPELLING = { users: canonicalUser, namespaces: canonicalNamespace } as const;

function heldTwice({ partitions }: Objects, what: keyof typeof ONE_OF): readonly Mistake[] {
  const holders = new Map<string, string>();
  return partitions.flatMap(({ document, object }) =>
    object.spec.holds[what].flatMap((written, index) => {
      const name = ONE_SPELLING[what](written);
      const holder = holders.get(name);
      if (holder === undefined) holders.set(name, object.metadata.name);
      const message = `${ONE_OF[what]} ${JSON.stringify(written)} is held by ${holder} already; allowed: by one partition`;
      return holder === undefined ? [] : [mistakeAt(document, ['spec', 'holds', what, index], message)];
    }),
  );
}

function missingSecrets({ clusters, secrets }: Objects): readonly Mistake[] {
  return clusters.flatMap(({ document, object }) =>
    secretReferences(object).flatMap((reference) => {
      const { name, path } = reference;
      const secret = secrets.find(
        (candidate) => candidate.object.metadata.name === name && namespaceOf(candidate.object) === namespaceOf(object),
      );
      if (secret === undefined) {
        return [
          mistakeAt(document, [...path], `no Secret ${JSON.stringify(name)} in namespace ${namespaceOf(object)}`),
        ];
      }
      return unusable(secret, document.subject, reference);
    }),
  );
}

/** Nobody could sign in to the servers that the partition names. */
function missingAdministrators({ partitions, secrets }: Objects): readonly Mistake[] {
  return partitions.flatMap(({ document, object }) => {
    const name = object.spec.repository.credentialsSecretRef?.name;
    if (name === undefined) return [];
    const secret = secrets.find(
      (candidate) => candidate.object.metadata.name === name && namespaceOf(candidate.object) === namespaceOf(object),
    );
    const path = ['spec', 'repository', 'credentialsSecretRef', 'name'];
    if (secret === undefined) {
      return [mistakeAt(document, path, `no Secret ${JSON.stringify(name)} in namespace ${namespaceOf(object)}`)];
    }
    const lacking = ADMINISTRATOR_KEYS.filter((key) => !secretValues(secret.object).get(key));
    return lacking.map((key) =>
      mistakeAt(secret.document, ['data'], `${key} is missing; ${document.subject} takes it for its servers`),
    );
  });
}

/** What the imapd processes would not start with. */
function unusable(
  { document, object }: CheckedObject<Secret>,
  subject: string,
  { use, keys, what }: SecretReference,
): readonly Mistake[] {
  const values = secretValues(object);
  const wanted = `${subject} takes it for ${what}`;
  const lacking = keys.filter((key) => !values.has(key));
  if (lacking.length > 0) return lacking.map((key) => mistakeAt(document, ['data'], `${key} is missing; ${wanted}`));
  const wrong =
    use === 'tls'
      ? tlsMistake(values.get('tls.crt') ?? '', values.get('tls.key') ?? '')
      : authorityMistake(values.get(AUTHORITY_KEY) ?? '');
  return wrong === null ? [] : [mistakeAt(document, ['data'], `${wrong}; ${wanted}`)];
}

function gaps({ partitions }: Objects): readonly Mistake[] {
  const last = partitions.at(-1);
  if (last === undefined) return [];
  const uncovered = gapsOf(slotsOf(partitions.map(({ object }) => object)), SLOT_COUNT);
  if (uncovered.length === 0) return [];
  const message = `no partition holds slots ${uncovered.map(rangeText).join(', ')}: users in them cannot be added`;
  return [mistakeAt(last.document, ['spec', 'holds', 'slots'], message)];
}

const rangeText = ({ from, to }: SlotRange): string => (from === to ? `${from}` : `${from}-${to}`);
const contains = (outer: SlotRange, inner: SlotRange): boolean => outer.from <= inner.from && inner.to <= outer.to;
