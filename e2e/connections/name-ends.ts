import type { V1Namespace, V1Pod } from '@kubernetes/client-node';
import type { TrackedConnection } from '../clusters/tracked-connection.ts';
import type { Flow, PodFacts } from './flow.ts';

/** Whose an address is, and whose it was before. */
export type AddressOwner = { readonly pod: PodFacts; readonly formerly: PodFacts | null };
export type AddressBook = ReadonlyMap<string, AddressOwner>;

/** Whose pods have ended: their addresses are free for others. */
const ENDED: ReadonlySet<string | undefined> = new Set(['Succeeded', 'Failed']);

/**
 * Who has the better claim to an address comes last: one that has not ended, and of these the youngest. A node that lost power
 * gives its addresses out anew while the API server still has the pods that it ran.
 */
function byClaim(a: V1Pod, b: V1Pod): number {
  const isOver = ({ status }: V1Pod): boolean => ENDED.has(status?.phase);
  const madeAt = ({ metadata }: V1Pod): number => metadata?.creationTimestamp?.getTime() ?? 0;
  return Number(isOver(b)) - Number(isOver(a)) || madeAt(a) - madeAt(b);
}

/** @param former what was known before: a pod that is gone by now may have connected just before it went */
export function addressBook(
  pods: readonly V1Pod[],
  namespaces: readonly V1Namespace[],
  former: AddressBook = new Map(),
): AddressBook {
  const labelsOf = new Map(namespaces.map(({ metadata }) => [metadata?.name, metadata?.labels ?? {}]));
  const book = new Map(former);
  for (const { metadata, spec, status } of pods.toSorted(byClaim)) {
    const address = status?.podIP;
    // A pod in its machine's network has no address of its own.
    if (address === undefined || spec?.hostNetwork === true) continue;
    const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
    const pod: PodFacts = {
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      labels: metadata?.labels ?? {},
      namespaceLabels: labelsOf.get(metadata?.namespace) ?? {},
      ports: containers
        .flatMap(({ ports = [] }) => ports)
        .flatMap(({ name, protocol = 'TCP', containerPort }) =>
          name === undefined ? [] : [{ name, protocol, port: containerPort }],
        ),
    };
    book.set(address, { pod, formerly: formerOwner(book.get(address), pod) });
  }
  return book;
}

function formerOwner(before: AddressOwner | undefined, { namespace, name }: PodFacts): PodFacts | null {
  if (before === undefined) return null;
  const isSame = before.pod.namespace === namespace && before.pod.name === name;
  return isSame ? before.formerly : before.pod;
}

export function nameEnds({ protocol, from, to, toPort }: TrackedConnection, book: AddressBook): Flow {
  return {
    protocol,
    from: { address: from, pod: book.get(from)?.pod ?? null },
    to: { address: to, pod: book.get(to)?.pod ?? null, port: toPort, formerly: book.get(to)?.formerly ?? null },
  };
}
