import { type MemberName, type PartitionName, partitionName } from '#contract/names.ts';
import { objectName } from '#crds/names/object-name.ts';
import { LABEL } from '../../../objects/labels.ts';
import type { MemberControl, MemberSighting } from '../../../ports.ts';
import { KeptSightings } from '../../members/kept-sightings.ts';
import type { MemberPod } from '../../members/members-input.ts';
import type { PlatformInput } from '../../members/platform-sighting.ts';
import type { RemovedPods } from '../../members/removed-pods.ts';
import { isNodeNews } from '../caches/affected.ts';
import { cacheDirectory } from '../caches/cache-directory.ts';
import type { Caches } from '../caches/caches.ts';
import { isDatabasePod } from '../is-database-pod.ts';

export type PlatformMembersOptions = {
  readonly caches: Caches;
  readonly removed: RemovedPods;
  readonly namespace: string;
};

/** Members as their agents show them, and with that what Kubernetes says of their pods: as soon as it is heard of. */
export function platformMembers(members: MemberControl, options: PlatformMembersOptions): MemberControl {
  const { caches, namespace } = options;
  const directory = cacheDirectory(caches);
  const labels = new Map<PartitionName, string>();
  const kept = new KeptSightings();
  const onPlatform = (name: MemberName, partition: PartitionName, sighting: MemberSighting): MemberSighting => {
    const label = labels.getOrInsertComputed(partition, objectName);
    return { ...sighting, platform: kept.of(podsOf(name, label, options)) };
  };
  /** The partition whose database is in that pod; null where it is none of this namespace. */
  const partitionOf = (pod: MemberPod | null): PartitionName | null => {
    const label = pod?.metadata.labels?.[LABEL.partition];
    if (pod?.metadata.namespace !== namespace || label === undefined || !isDatabasePod(pod)) return null;
    return partitionName(directory.nameOf('partition', namespace, label));
  };
  return {
    send: (request) => members.send(request),
    observe(partition) {
      const seen = new Map<MemberName, MemberSighting>();
      for (const [name, sighting] of members.observe(partition)) seen.set(name, onPlatform(name, partition, sighting));
      return seen;
    },
    onChange(listener) {
      const onPods = (changed: readonly (MemberPod | null)[]): void => {
        for (const partition of new Set(changed.map(partitionOf))) if (partition !== null) listener(partition);
      };
      const ends = [
        members.onChange((partition, heard) => {
          if (heard === undefined) return listener(partition);
          const { member, sighting } = heard;
          listener(partition, { member, sighting: onPlatform(member, partition, sighting) });
        }),
        caches.pods.onChange(({ before, after }) => onPods([after ?? before])),
        caches.nodes.onChange((change) => {
          const name = (change.after ?? change.before)?.metadata.name;
          if (isNodeNews(change)) onPods(caches.pods.list().filter(({ spec }) => spec?.nodeName === name));
        }),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** A pod is called as its member is; by another's label it is somebody else's. `label`: the partition's, as labels hold names. */
function podsOf(
  name: MemberName,
  label: string,
  { caches, removed, namespace }: PlatformMembersOptions,
): PlatformInput {
  const key = `${namespace}/${name}`;
  const ours = (pod: MemberPod | null | undefined): MemberPod | null =>
    pod != null && isDatabasePod(pod) && pod.metadata.labels?.[LABEL.partition] === label ? pod : null;
  return { pod: ours(caches.pods.get(key)), removed: ours(removed.get(key)), nodes: caches.nodes };
}
