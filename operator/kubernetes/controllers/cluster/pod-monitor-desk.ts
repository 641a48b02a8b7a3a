import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapdPodMonitor } from '../../../cluster/pod-monitor.ts';
import { namespaceOf } from '../../../objects/owned-meta.ts';
import { ApiError } from '../../api/api-error.ts';
import { applyObject } from '../../apply/apply-object.ts';
import { mustBeOurs } from '../../apply/must-be-ours.ts';
import { podMonitors } from '../caches/managed-kinds.ts';
import type { Leading } from '../leading.ts';

/** A Prometheus operator that is installed later is noticed after so long; it costs one small question for each namespace. */
const LOOK_AGAIN_MS = 10_000;
const FORBIDDEN = 403;
const NOT_FOUND = 404;

/**
 * Makes the PodMonitors of imapd where the API server has that kind and lets us write it: the Prometheus operator may come and go
 * while this one runs. No copy is kept of them, for they change once in a lifetime.
 */
export class PodMonitorDesk {
  readonly #leading: Pick<Leading, 'client' | 'clock'>;
  /**
   * By namespace, since rights are given by it. On the monotonic clock, ms: until then the kind is taken to be missing there.
   * null: it was there.
   */
  readonly #missingUntil = new Map<string, number | null>();

  constructor(leading: Pick<Leading, 'client' | 'clock'>) {
    this.#leading = leading;
  }

  /** @throws NameTaken, ApiError, network errors */
  async bringAbout(cluster: ImapCluster, signal: AbortSignal): Promise<void> {
    const namespace = namespaceOf(cluster);
    if (!(await this.#isThere(namespace))) return;
    const { client } = this.#leading;
    const desired = imapdPodMonitor(cluster);
    try {
      const live = await client.get(podMonitors, desired.metadata, { signal });
      if (live !== null) mustBeOurs(live, desired);
      await applyObject(client, { resource: podMonitors, desired, live, signal });
    } catch (error) {
      // The kind has gone since.
      if (!isStatus(error, [NOT_FOUND])) throw error;
      this.#notThere(namespace);
    }
  }

  async #isThere(namespace: string): Promise<boolean> {
    const until = this.#missingUntil.get(namespace);
    if (until === null) return true;
    if (until !== undefined && this.#leading.clock.monotonic() < until) return false;
    try {
      await this.#leading.client.list(podMonitors, { namespace, limit: 1 });
      this.#missingUntil.set(namespace, null);
      return true;
    } catch (error) {
      if (!isStatus(error, [NOT_FOUND, FORBIDDEN])) throw error;
      this.#notThere(namespace);
      return false;
    }
  }

  #notThere(namespace: string): void {
    this.#missingUntil.set(namespace, this.#leading.clock.monotonic() + LOOK_AGAIN_MS);
  }
}

const isStatus = (error: unknown, statuses: readonly number[]): boolean =>
  error instanceof ApiError && statuses.includes(error.status);
