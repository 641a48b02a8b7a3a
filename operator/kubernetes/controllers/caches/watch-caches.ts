import { type Affected, affectedByCluster, affectedByObject, affectedByPartition, isNodeNews } from './affected.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { Caches } from './caches.ts';

/** Calls `affected` with what has to be looked at again, at every change that is heard of. Returns how to stop that. */
export function watchCaches(caches: Caches, affected: (keys: Affected) => void): () => void {
  const directory = cacheDirectory(caches);
  const onNode = (name: string): void => {
    for (const pod of caches.pods.list().filter(({ spec }) => spec?.nodeName === name))
      affected(affectedByObject('Pod', { before: null, after: pod }, directory));
  };
  const ends = [
    caches.clusters.onChange((change) => affected(affectedByCluster(change, directory))),
    caches.partitions.onChange((change) => affected(affectedByPartition(change))),
    caches.pods.onChange((change) => affected(affectedByObject('Pod', change, directory))),
    caches.volumeClaims.onChange((change) => affected(affectedByObject('PersistentVolumeClaim', change, directory))),
    ...[...caches.applied.values()].map(({ resource, cache }) =>
      cache.onChange((change) => affected(affectedByObject(resource.kind, change, directory))),
    ),
    caches.nodes.onChange((change) => {
      const { name } = (change.after ?? change.before)?.metadata ?? {};
      if (name !== undefined && isNodeNews(change)) onNode(name);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
