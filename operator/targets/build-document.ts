import type { PartitionName } from '#contract/names.ts';
import { ROUTING_API_VERSION, type RoutingDocument, type Target } from '#contract/routing-document.ts';
import type { ClusterSpec, PartitionSpec } from '../partition/partition-spec.ts';
import type { PublishedTarget } from '../partition/record.ts';

type Numbered = {
  readonly version: number;
  readonly leaseSeconds: number;
  /** The one in force. */
  readonly before?: RoutingDocument | undefined;
};

/**
 * The routing document of a cluster out of what the records of its partitions say. A partition that was never served is
 * left out, and with it nothing is held for it.
 */
export function buildDocument(
  spec: ClusterSpec,
  targets: ReadonlyMap<PartitionName, PublishedTarget>,
  { version, leaseSeconds, before }: Numbered,
): RoutingDocument {
  const served = spec.partitions.flatMap((partition) => {
    const target = targets.get(partition.name);
    return target === undefined ? [] : [[partition.name, buildTarget(partition, target, leaseSeconds)] as const];
  });
  const unknown = (spec.unknown ?? []).flatMap((name) => {
    const target = before?.partitions[name];
    return target === undefined ? [] : [[name, target] as const];
  });
  return {
    apiVersion: ROUTING_API_VERSION,
    cluster: spec.cluster,
    version,
    placement: spec.placement,
    partitions: Object.fromEntries([...served, ...unknown]),
  };
}

function buildTarget(spec: PartitionSpec, target: PublishedTarget, leaseSeconds: number): Target {
  return {
    epoch: target.epoch,
    engine: spec.engine,
    database: spec.database,
    durability: spec.durability.mode,
    writer: target.writer,
    readers: [...target.readers],
    leaseSeconds: spec.durability.mode === 'Async' ? leaseSeconds : null,
    members: Object.fromEntries(spec.members.map((member) => [member.name, member.endpoint])),
    ...(spec.tls === undefined ? {} : { tls: spec.tls }),
  };
}

/** Whether two documents say the same under different numbers. */
export const sameContent = (a: RoutingDocument, b: RoutingDocument): boolean =>
  JSON.stringify({ ...a, version: 0 }) === JSON.stringify({ ...b, version: 0 });
