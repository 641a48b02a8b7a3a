import type { V1Pod } from '@kubernetes/client-node';
import type { Pod } from '../../../ports.ts';
import type { Stored } from '../../api/resource.ts';
import { imapdPods } from './imapd-pods.ts';

/**
 * The imapd pods of a cluster, as a core asks for them several times a second. The same list until one of its pods has changed:
 * of thousands of pods, to look at each anew would be a part of all that an operator does that can be seen.
 */
export function imapdPodList(podsOfCluster: () => readonly Stored<V1Pod>[]): { list(): Promise<readonly Pod[]> } {
  let of: readonly Stored<V1Pod>[] = [];
  let made: readonly Pod[] = [];
  return {
    async list() {
      const pods = podsOfCluster();
      if (pods !== of) made = imapdPods(pods);
      of = pods;
      return made;
    },
  };
}
