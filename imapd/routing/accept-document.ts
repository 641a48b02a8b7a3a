import type { RoutingDocument } from '#contract/routing-document.ts';

export type Verdict =
  | { readonly kind: 'accept' }
  /** Not newer than what is in force: an old push that arrives late, or the same one twice. */
  | { readonly kind: 'stale'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly code: 'WrongCluster'; readonly message: string };

export type Known = {
  readonly cluster: string;
  /** Version in force, 0 before the first document. */
  readonly version: number;
  /** Highest epoch ever seen of each partition, also of those that are gone. */
  readonly epochs: ReadonlyMap<string, number>;
};

/**
 * Whether a document whose signature holds may come into force. Versions and epochs only grow (invariant I4): a lower
 * epoch would bring back a primary that was deposed, even if a confused operator signed it under a higher version.
 */
export function acceptDocument(known: Known, document: RoutingDocument): Verdict {
  if (document.cluster !== known.cluster) {
    const message = `the document is of cluster ${document.cluster}, this process serves ${known.cluster}`;
    return { kind: 'refuse', code: 'WrongCluster', message };
  }
  if (document.version <= known.version) {
    return { kind: 'stale', reason: `version ${document.version} is not above ${known.version}` };
  }
  for (const [partition, target] of Object.entries(document.partitions)) {
    const seen = known.epochs.get(partition) ?? 0;
    if (target.epoch < seen) {
      return { kind: 'stale', reason: `epoch ${target.epoch} of ${partition} is below ${seen}` };
    }
  }
  return { kind: 'accept' };
}
