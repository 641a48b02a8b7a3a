import { keyOf } from '../watch/key-of.ts';
import type { Change } from '../watch/object-cache.ts';
import type { MemberPod } from './members-input.ts';

/** Tells of every change of a pod, for as long as it is not told to stop. */
export type WatchedPods = { onChange(listener: (change: Change<MemberPod>) => void): () => void };

/** `isOurs`: the watch tells of pods in all namespaces, and those of imapd and of jobs never have the same name twice. */
export type RemovedPodsOptions = { readonly isOurs: (pod: MemberPod) => boolean; readonly signal: AbortSignal };

/**
 * The newest pod of each name that was removed, as last seen. The name of a member is given again soon, so that they stay few
 * while their partitions are there.
 */
export class RemovedPods {
  readonly #removed = new Map<string, MemberPod>();

  constructor(pods: WatchedPods, { isOurs, signal }: RemovedPodsOptions) {
    const unwatch = pods.onChange(({ before, after }) => {
      if (before === null || after !== null || !isOurs(before)) return;
      this.#removed.set(keyOf(before.metadata), before);
    });
    signal.addEventListener('abort', unwatch, { once: true });
  }

  /** By `keyOf`. */
  get(key: string): MemberPod | null {
    return this.#removed.get(key) ?? null;
  }

  /** The others are forgotten: nobody asks for members of a partition that is gone. */
  keepOnly(isWanted: (pod: MemberPod) => boolean): void {
    for (const [key, pod] of this.#removed) if (!isWanted(pod)) this.#removed.delete(key);
  }
}
