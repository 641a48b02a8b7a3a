import { isDeepStrictEqual } from 'node:util';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Built } from '../../objects/built.ts';
import type { ApiClient, ObjectKey } from '../api/api-client.ts';
import { configMaps, type Stored } from '../api/resource.ts';
import { keepOwnFields } from '../watch/keep-own-fields.ts';

export type StoredConfigMap = Stored<V1ConfigMap>;

/** An answer that takes longer is none: the write is then tried again, and what became of the first is seen by that. */
const DEADLINE_MS = 5_000;

/**
 * One ConfigMap that we alone write. It is written on top of the very version that was last seen, which costs one request for
 * as long as nobody else touches it; what others have added (labels, annotations) stays.
 */
export class KeptConfigMap {
  readonly #client: ApiClient;
  readonly #key: ObjectKey;
  #seen: StoredConfigMap | null = null;

  constructor(client: ApiClient, key: ObjectKey) {
    this.#client = client;
    this.#key = key;
  }

  /** As last read or written; null: there was none. */
  get seen(): StoredConfigMap | null {
    return this.#seen;
  }

  /** As if nothing had been seen: the next write finds out that there is something, and changes nothing. */
  forget(): void {
    this.#seen = null;
  }

  async read(): Promise<StoredConfigMap | null> {
    const found = await this.#client.get(configMaps, this.#key, { deadlineMs: DEADLINE_MS });
    this.#seen = found === null ? null : lean(found);
    return this.#seen;
  }

  /**
   * Durable, and as it was sent, when it says `written`. `changed`: it is another one than was last seen; read it.
   * @throws Error where the API server has stored something else, ApiError, network errors
   */
  async write(desired: Built<V1ConfigMap>): Promise<'written' | 'changed'> {
    const call = { deadlineMs: DEADLINE_MS };
    const outcome =
      this.#seen === null
        ? await this.#client.create(configMaps, desired, call)
        : await this.#client.replace(configMaps, onTopOf(this.#seen, desired), call);
    if (!outcome.ok) return 'changed';
    this.#seen = lean(outcome.object);
    // A webhook may change what it is shown. Nothing may be done on the word of a record that is not the one we wrote.
    if (!isDeepStrictEqual(outcome.object.data, desired.data))
      throw new Error(`${this.#key.name}: the API server stored something else than it was sent (a mutating webhook?)`);
    // The same, which whoever writes keeps too: of a thousand records once is enough.
    if (desired.data !== undefined) this.#seen = { ...this.#seen, data: desired.data };
    return 'written';
  }
}

/** Whose fields are whose decides nothing here, and takes as much space as the rest. */
const lean = (found: StoredConfigMap): StoredConfigMap => keepOwnFields(found, null);

function onTopOf({ metadata }: StoredConfigMap, desired: Built<V1ConfigMap>): StoredConfigMap {
  const { name, namespace, labels, annotations, ownerReferences = [] } = desired.metadata;
  return {
    ...desired,
    metadata: {
      name,
      namespace,
      // Of an object that was deleted and made again, the uid differs before the version does.
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      labels: { ...metadata.labels, ...labels },
      annotations: { ...metadata.annotations, ...annotations },
      finalizers: metadata.finalizers,
      ownerReferences,
    },
  } as StoredConfigMap;
}
