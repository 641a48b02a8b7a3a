import { objectName } from '#crds/names/object-name.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Directory } from './affected.ts';
import type { Caches } from './caches.ts';
import { clusterOf } from './cluster-of.ts';

/** Who belongs to whom, by what was last heard of them. */
export const cacheDirectory = ({ clusters, partitions }: Caches): Directory => ({
  partitionsOf: (cluster) => partitions.of(cluster).map(({ metadata }) => keyOf(metadata)),
  clusterOf(key) {
    const found = partitions.get(key);
    return found === undefined ? null : clusterOf(found);
  },
  nameOf(kind, namespace, label) {
    const cache = kind === 'cluster' ? clusters : partitions;
    if (cache.get(`${namespace}/${label}`) !== undefined) return label;
    // A name that is no label was rewritten into one.
    const found = cache
      .list()
      .find(({ metadata }) => metadata.namespace === namespace && objectName(metadata.name) === label);
    return found?.metadata.name ?? label;
  },
});
