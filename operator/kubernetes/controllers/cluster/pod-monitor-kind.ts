import type { Clock } from '../../../ports.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { podMonitors } from '../caches/managed-kinds.ts';

/** A CRD that is installed later is noticed after so long. */
const LOOK_AGAIN_MS = 5 * 60_000;

/** Whether the API server knows PodMonitors, and lets us see them: the Prometheus operator may be there or not. */
export class PodMonitorKind {
  readonly #client: ApiClient;
  readonly #clock: Clock;
  #known: { readonly there: boolean; readonly until: number } | null = null;

  constructor(client: ApiClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async isThere(namespace: string): Promise<boolean> {
    const now = this.#clock.monotonic();
    if (this.#known === null || now >= this.#known.until)
      this.#known = { there: await this.#look(namespace), until: now + LOOK_AGAIN_MS };
    return this.#known.there;
  }

  async #look(namespace: string): Promise<boolean> {
    try {
      await this.#client.list(podMonitors, { namespace, limit: 1 });
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return false;
      throw error;
    }
  }
}
