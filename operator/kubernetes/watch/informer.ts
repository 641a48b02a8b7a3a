import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient, WatchEvent } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiObject, Resource } from '../api/resource.ts';
import { BackOff } from '../back-off.ts';
import { keepOwnFields } from './keep-own-fields.ts';
import { listAll } from './list-all.ts';
import { type Change, ObjectCache } from './object-cache.ts';

export type InformerOptions<T extends ApiObject> = {
  readonly client: ApiClient;
  readonly resource: Resource<T>;
  /** All namespaces where left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Whose managedFields are kept; nobody's where left out. */
  readonly manager?: string | undefined;
  /** What is kept of each object, in place of it. */
  readonly complete?: ((object: T) => T) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

/**
 * Keeps a copy of all objects of a kind, and tells of every change of one. It never ends by itself: whatever goes wrong
 * is tried again after a pause.
 *
 *   list ──▶ watch at its version ──stream ended, network──▶ pause ──▶ watch at the newest version heard of
 *    ▲                │
 *    └── pause ◀──────┴── the server no longer knows that version (410), or will not serve it
 *
 * Between failures the copy is old, not wrong: nothing may be done on its word alone that another could not undo.
 */
export class Informer<T extends ApiObject> {
  readonly #options: InformerOptions<T>;
  readonly #cache = new ObjectCache<T>();
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #pauses: BackOff;
  /** Newest version heard of; null: list. */
  #version: string | null = null;
  #reached: string | null = null;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#pauses = new BackOff({ firstMs: FIRST_PAUSE_MS, capMs: LONGEST_PAUSE_MS, random: options.random });
  }

  /** Resolves when the first list is in the copy. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** The version that the copy is of: it has all that the server stored up to there. Null before the first list. */
  get reached(): string | null {
    return this.#reached;
  }

  /** By `keyOf`. */
  get(key: string): T | undefined {
    return this.#cache.get(key);
  }

  list(): readonly T[] {
    return this.#cache.list();
  }

  /** The copy has the change already when the listener hears of it. Returns how to stop listening. */
  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, resource } = this.#options;
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#follow(this.#version, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (mustList(error)) this.#version = null;
        log.debug({ kind: resource.kind, error }, 'a watch broke off and is begun again');
      }
      // Also after a good end: a server that ends every watch at once must not be asked without pause.
      await clock.sleep(this.#pauses.next(), signal);
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, resource } = this.#options;
    const keep = (object: T): T => this.#slim(object);
    const { items, resourceVersion } = await listAll(client, resource, { ...this.#where(), signal, keep });
    this.#reached = resourceVersion;
    this.#tell(this.#cache.replaceAll(items));
    this.#synced.resolve();
    return resourceVersion;
  }

  async #follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, resource, random } = this.#options;
    // The server ends it; where the server cannot, the deadline does.
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random()));
    const deadline = AbortSignal.timeout((timeoutSeconds + GRACE_SECONDS) * 1_000);
    const query = { ...this.#where(), resourceVersion, timeoutSeconds };
    const events = client.watch(resource, query, AbortSignal.any([signal, deadline]));
    for await (const event of events) {
      this.#take(event);
      this.#pauses.reset();
    }
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === 'ERROR') throw new ApiError(event.object.code ?? 0, event.object);
    this.#reached = event.object.metadata.resourceVersion ?? this.#reached;
    if (event.type === 'DELETED') this.#tell(this.#cache.remove(this.#slim(event.object)));
    else if (event.type !== 'BOOKMARK') this.#tell(this.#cache.put(this.#slim(event.object)));
    this.#version = event.object.metadata.resourceVersion ?? this.#version;
  }

  #slim(object: T): T {
    const { manager = null, complete = (whole: T) => whole } = this.#options;
    return complete(keepOwnFields(object, manager));
  }

  #tell(changes: readonly Change<T>[]): void {
    for (const change of changes) for (const listener of this.#listeners) this.#call(listener, change);
  }

  /** A listener that fails has missed something; the others and the copy have not. */
  #call(listener: (change: Change<T>) => void, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.#options.log.event('Unexpected', { error, kind: this.#options.resource.kind });
    }
  }

  #where(): Pick<InformerOptions<T>, 'namespace' | 'labelSelector' | 'fieldSelector'> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return { namespace, labelSelector, fieldSelector };
  }
}

/** A primary may die while the API server restarts: its answer must not wait for us longer than a moment. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** To twice that: watches that began together do not end together. */
const WATCH_SECONDS = 240;
const GRACE_SECONDS = 10;

/** The server's way to say "not now"; everything else that it says of a version means that it is of no use. */
const LATER: ReadonlySet<number> = new Set([429, 500, 502, 503]);

function mustList(error: unknown): boolean {
  return error instanceof ApiError && !LATER.has(error.status);
}
