import type { JWK } from 'jose';
import { RoutingDocument } from '#contract/routing-document.ts';
import { verify } from '#contract/signature.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { clusterNames } from '../../cluster/cluster-names.ts';
import { ROUTING_FILE } from '../../cluster/imapd-paths.ts';
import { routingConfigMap } from '../../cluster/routing-config-map.ts';
import { namespaceOf } from '../../objects/owned-meta.ts';
import type { Events, RoutingStore, StoredRouting } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { mustBeOurs } from '../apply/must-be-ours.ts';
import { KeptConfigMap, type StoredConfigMap } from './kept-config-map.ts';

export type RoutingStoreOptions = {
  readonly client: ApiClient;
  /** As last heard of; always the same cluster. */
  readonly cluster: () => ImapCluster;
  /** Every key that may have signed. */
  readonly publicKeys: () => readonly JWK[];
  readonly events: Events;
};

const ATTEMPTS = 5;

/** The routing document in the ConfigMap that imapd pods mount. */
export class RoutingConfigMapStore implements RoutingStore {
  readonly #options: RoutingStoreOptions;
  readonly #map: KeptConfigMap;
  readonly #place: string;

  constructor(options: RoutingStoreOptions) {
    this.#options = options;
    const cluster = options.cluster();
    const key = { namespace: namespaceOf(cluster), name: clusterNames(cluster).routing };
    this.#map = new KeptConfigMap(options.client, key);
    this.#place = `ConfigMap ${key.namespace}/${key.name}`;
  }

  /**
   * One that does not verify counts as none, and is told. Nothing is lost by that: its content is made of the records anew,
   * and its number, where some pod has taken it, is heard from that pod (`Publisher`, "overtaken").
   * @throws NameTaken, ApiError, network errors
   */
  async load(): Promise<StoredRouting | null> {
    const found = await this.#map.read();
    if (found === null) return null;
    mustBeOurs(found, routingConfigMap(this.#options.cluster(), ''));
    const read = await this.#read(found);
    if (typeof read !== 'string') return read;
    const message = `${this.#place} is not used and will be replaced: ${read}`;
    this.#options.events.emit({ code: 'RoutingRefused', partition: null, message });
    return null;
  }

  /**
   * Durable when it returns, within a few seconds or not at all.
   * @throws NameTaken, Error where a later document is there already, ApiError, network errors
   */
  async save(routing: StoredRouting): Promise<void> {
    const { version } = routing.document;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const desired = routingConfigMap(this.#options.cluster(), routing.signed);
      if (this.#map.seen !== null) mustBeOurs(this.#map.seen, desired);
      if ((await this.#map.write(desired)) === 'written') return;
      const found = await this.#map.read();
      const read = found === null ? null : await this.#read(found);
      if (read === null || typeof read === 'string' || read.document.version <= version) continue;
      // On top of it nothing may be written that has a lower number: another operator is at work.
      this.#map.forget();
      throw new Error(`${this.#place} holds version ${read.document.version} already, not below ${version}`);
    }
    throw new Error(`somebody else changes ${this.#place} all the time`);
  }

  /** What it holds, or why that is of no use. */
  async #read({ data }: StoredConfigMap): Promise<StoredRouting | string> {
    const signed = data?.[ROUTING_FILE];
    if (signed === undefined) return `it has no ${ROUTING_FILE}`;
    const { publicKeys, cluster } = this.#options;
    const verified = await verify(signed, { purpose: 'routing', schema: RoutingDocument, keys: publicKeys() });
    if (!verified.ok) return `${verified.code}: ${verified.message}`;
    const { name } = cluster().metadata;
    if (verified.payload.cluster !== name) return `it is of the cluster ${verified.payload.cluster}, not of ${name}`;
    return { document: verified.payload, signed };
  }
}
