import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../../api/resource.ts';
import type { JobPods } from '../../ports/job-watch.ts';
import { groupOf } from '../caches/group-of.ts';
import type { KindCache } from '../caches/kind-cache.ts';

/** The pods of Jobs, out of the operator's copy of all pods of ours. */
export function jobPods(cache: KindCache<Stored<V1Pod>>): JobPods {
  return {
    of: (job) => cache.of(groupOf(job) ?? ''),
    onChange: (listener) => cache.onChange(({ before, after }) => listener(after ?? before)),
  };
}
