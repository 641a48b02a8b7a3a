import type { RoutingStore, StoredRouting } from '../../../ports.ts';

/** The routing document of a cluster, and which version is in force: for the cluster's status. */
export class WatchedRouting implements RoutingStore {
  readonly #store: RoutingStore;
  readonly #onSaved: () => void;
  #version: number | null | undefined = undefined;

  constructor(store: RoutingStore, onSaved: () => void) {
    this.#store = store;
    this.#onSaved = onSaved;
  }

  /** null: there is none; undefined: nobody has looked yet. */
  get version(): number | null | undefined {
    return this.#version;
  }

  async load(): Promise<StoredRouting | null> {
    const stored = await this.#store.load();
    this.#version = stored?.document.version ?? null;
    return stored;
  }

  async save(routing: StoredRouting): Promise<void> {
    await this.#store.save(routing);
    this.#version = routing.document.version;
    this.#onSaved();
  }
}
