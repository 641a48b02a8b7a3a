import type { V1Secret } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapdLabels } from '../../cluster/imapd-labels.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type ApiObject, type Stored, secrets } from '../api/resource.ts';
import { missingLabels } from '../apply/missing-labels.ts';

type SecretData = Readonly<Record<string, string>>;

/** A Secret of a cluster that is made once. */
export class KeptSecret {
  /** For messages. */
  readonly place: string;
  readonly #client: ApiClient;
  readonly #metadata: ReturnType<typeof ownedMeta>;
  #seen: Stored<V1Secret> | null = null;

  constructor(client: ApiClient, cluster: ImapCluster, name: string) {
    this.#client = client;
    this.#metadata = ownedMeta({ owner: cluster, name, labels: imapdLabels(cluster) });
    this.place = `Secret ${this.#metadata.namespace}/${name}`;
  }

  /** Its data, Base64; null: there is none. */
  async read(): Promise<SecretData | null> {
    this.#seen = await this.#client.get(secrets, this.#metadata);
    return this.#seen === null ? null : (this.#seen.data ?? {});
  }

  /** Returns what is there in the end: somebody else may have been quicker. */
  async make(data: SecretData): Promise<SecretData> {
    const made = await this.#client.create(secrets, { metadata: this.#metadata, type: 'Opaque', data });
    if (!made.ok) {
      const found = await this.read();
      if (found === null) throw new Error(`${this.place} can neither be made nor read`);
      return found;
    }
    this.#seen = made.object;
    return made.object.data ?? {};
  }

  /** Of the very object that was read or made. */
  get uid(): string | undefined {
    return this.#seen?.metadata.uid;
  }

  /** Restored from a backup without labels, it is not seen by those who watch: it gets them back. One that says whose it is, does not. */
  async adopt(): Promise<void> {
    const { name, namespace, labels: wanted = {} } = this.#metadata;
    const { uid, resourceVersion, labels: has } = this.#seen?.metadata ?? {};
    const labels = missingLabels(has, wanted);
    if (this.#seen === null || labels === null) return;
    this.#seen = await this.#client.merge(secrets, {
      metadata: { name, namespace, uid, resourceVersion, labels } as ApiObject['metadata'],
    });
  }

  /** On top of what was read. False where it has changed since. */
  async replace(data: SecretData): Promise<boolean> {
    if (this.#seen === null) throw new TypeError('only what was read can be replaced');
    const written = await this.#client.replace(secrets, { ...this.#seen, data });
    if (written.ok) this.#seen = written.object;
    return written.ok;
  }
}
