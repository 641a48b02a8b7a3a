import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { type CheckedObject, checkObject, type ManifestObject } from './check-object.ts';
import { crossCheck } from './cross-checks.ts';
import { limitsOf } from './limits-of.ts';
import { parseManifestFile } from './manifest-document.ts';
import type { ManifestSource } from './manifest-source.ts';
import type { Mistake } from './mistake.ts';
import type { Secret } from './secret.ts';

/** Manifests that are right: one cluster, its partitions, and the secrets they name. */
export type Manifests = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly MailboxPartition[];
  readonly secrets: readonly Secret[];
};

/** Either all of it or every mistake; never a part. */
export type LoadedManifests =
  | { readonly ok: true; readonly manifests: Manifests; readonly warnings: readonly Mistake[] }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** All documents of all files, checked each and against each other: either everything is right or every mistake is told. */
export function loadManifests(sources: readonly ManifestSource[]): LoadedManifests {
  const mistakes: Mistake[] = [];
  const checked: CheckedObject[] = [];
  for (const { file, text } of sources) {
    const parsed = parseManifestFile(file, text);
    mistakes.push(...parsed.mistakes);
    for (const document of parsed.documents) {
      const result = checkObject(document);
      if (result.ok) checked.push({ document, object: result.object });
      else mistakes.push(...result.mistakes);
    }
  }
  // An object that was refused is not "missing": what refers to it is judged once it is mended.
  if (mistakes.length > 0) return { ok: false, mistakes: mistakes.sort(byPlace) };
  return assemble(checked, sources[0]?.file ?? '(no file)');
}

function assemble(checked: readonly CheckedObject[], firstFile: string): LoadedManifests {
  const objects = {
    clusters: checked.filter(isKind<ImapCluster>('ImapCluster')),
    partitions: checked.filter(isKind<MailboxPartition>('MailboxPartition')),
    secrets: checked.filter(isKind<Secret>('Secret')),
  };
  const { mistakes, warnings } = crossCheck(objects);
  const cluster = objects.clusters[0]?.object;
  const lacking = [
    ...(cluster === undefined ? ['an ImapCluster'] : []),
    ...(objects.partitions.length === 0 ? ['at least one MailboxPartition'] : []),
  ].map((what) => ({ file: firstFile, line: 1, document: null, subject: '', path: '', message: `${what} is missing` }));
  if (cluster === undefined || lacking.length + mistakes.length > 0) {
    return { ok: false, mistakes: [...lacking, ...mistakes] };
  }
  return {
    ok: true,
    manifests: {
      cluster,
      partitions: objects.partitions.map(({ object }) => object),
      secrets: objects.secrets.map(({ object }) => object),
    },
    warnings: [...warnings, ...checked.flatMap(limitsOf)],
  };
}

/** Files keep the order in which they were given: the sort is stable. */
const byPlace = (a: Mistake, b: Mistake): number => (a.file === b.file ? a.line - b.line : 0);

const isKind =
  <T extends ManifestObject>(kind: T['kind']) =>
  (checked: CheckedObject): checked is CheckedObject<T> =>
    checked.object.kind === kind;
