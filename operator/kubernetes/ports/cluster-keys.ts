import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { generateSigningKey } from '#contract/signature.ts';
import { GROUP } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { clusterNames } from '../../cluster/cluster-names.ts';
import type { Clock, Events, Keys } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { decideRotation, type Rotation, type RotationStep } from './decide-rotation.ts';
import { KeptSecret } from './kept-secret.ts';
import { type KeysData, keysSecretData, readKeysSecret } from './keys-data.ts';

export type ClusterKeysOptions = {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly events: Events;
  /** What the kubelet may take to bring a changed Secret to a pod. */
  readonly graceMs: number;
};

/** `changed`: give pods the public keys anew, and publish the routing document anew. `againInMs`: when to settle again. */
export type Settled = { readonly changed: boolean; readonly againInMs: number | null };

/** On the ImapCluster; any value that it has not had before asks for a new signing key. */
export const ROTATE_ANNOTATION = `${GROUP}/rotate-signing-key`;
/** Key of the admin token in its Secret. */
export const TOKEN_FILE = 'token';

const SECRET_OCTETS = 24;
const KEY_ID_OCTETS = 6;
const SHORTEST_TOKEN = 16;

/**
 * The keys and tokens of one cluster. They are made once, and live in two Secrets: `NAME-keys`, which the operator alone
 * reads, and `NAME-admin`, for people. Nothing that is there is overwritten, damaged or not; but deleting `NAME-admin` makes
 * a new token.
 */
export class ClusterKeys {
  readonly #options: ClusterKeysOptions;
  #data: KeysData | null = null;
  #adminToken: string | null = null;
  /** Uids of Secrets that have had their labels looked at. */
  readonly #adopted = new Set<string>();
  /** From when a grace counts at the earliest, milliseconds since 1970; null: something holds the rotation up. */
  #freeSince: number | null = null;

  readonly keys: Keys = { signing: async () => this.#known().signing.privateJwk };

  constructor(options: ClusterKeysOptions) {
    this.#options = options;
  }

  /** Every key that may sign now: two while one is replaced. */
  get publicKeys(): readonly JWK[] {
    const { signing, next, previous } = this.#known();
    return [signing.publicJwk, next?.publicJwk, previous].filter((key) => key !== null && key !== undefined);
  }

  /** Name of the key that will sign once everybody has it; null: there is none, or the keys have not been read yet. */
  get next(): string | null {
    return this.#data?.next?.publicJwk.kid ?? null;
  }

  /** Bearer token of the agents' API. */
  get agentToken(): string {
    return this.#known().agentToken;
  }

  /** What imapd computes the salts of SCRAM from. It outlives the admin token, whose change would tell who exists. */
  get scramSecret(): string {
    return this.#known().scramSecret ?? this.adminToken;
  }

  /** Bearer token of imapd's admin port and of the control API. */
  get adminToken(): string {
    if (this.#adminToken === null) throw new Error('the keys have not been read yet');
    return this.#adminToken;
  }

  /**
   * Reads both Secrets, makes what is not there, and takes the next step of a rotation where one is due. To be called before
   * anything else, after a change of the cluster, when it said, and when `mayGoOn` may have changed.
   * @param mayGoOn whether a rotation may take a step; it is told the name of the key that waits to be known to all, or null. A
   *   grace counts anew once it may, and for each process: nobody has written down since when all have the key
   * @throws RangeError for a damaged Secret, with what to do; ApiError, network errors
   */
  async settle(cluster: ImapCluster, mayGoOn: (next: string | null) => boolean = () => true): Promise<Settled> {
    const before = this.#data === null ? null : [this.publicKeys, this.#data.signing.publicJwk, this.#adminToken];
    await this.#settleAdmin(cluster);
    const againInMs = await this.#settleKeys(cluster, mayGoOn);
    const after = [this.publicKeys, this.#known().signing.publicJwk, this.#adminToken];
    return { changed: JSON.stringify(before) !== JSON.stringify(after), againInMs };
  }

  async #settleAdmin(cluster: ImapCluster): Promise<void> {
    const secret = new KeptSecret(this.#options.client, cluster, clusterNames(cluster).admin);
    const made = { [TOKEN_FILE]: Buffer.from(newSecret()).toString('base64') };
    const data = (await secret.read()) ?? (await secret.make(made));
    const token = Buffer.from(data[TOKEN_FILE] ?? '', 'base64')
      .toString('utf8')
      .trim();
    if (token.length < SHORTEST_TOKEN)
      throw new RangeError(
        `${secret.place}: ${TOKEN_FILE} is missing or too short; delete the Secret to have one made`,
      );
    this.#adminToken = token;
    await this.#adopt(secret);
  }

  /** Once: with somebody who takes the labels away again nobody argues. */
  async #adopt(secret: KeptSecret): Promise<void> {
    const { uid = '' } = secret;
    if (this.#adopted.has(uid)) return;
    await secret.adopt();
    this.#adopted.add(uid);
  }

  /** Returns when there is something to do again. */
  async #settleKeys(cluster: ImapCluster, mayGoOn: (next: string | null) => boolean): Promise<number | null> {
    const { client } = this.#options;
    const request = cluster.metadata.annotations?.[ROTATE_ANNOTATION] ?? null;
    const secret = new KeptSecret(client, cluster, clusterNames(cluster).keys);
    // Deleted by mistake, it comes back as it was: pods know these keys.
    const found = (await secret.read()) ?? (await secret.make(keysSecretData(this.#data ?? (await newKeys(request)))));
    const data = readable(secret, () => readKeysSecret(found));
    this.#data = data;
    await this.#adopt(secret);
    if (data.scramSecret === null) return await this.#keepScramSecret(secret, data);
    if (mayGoOn(this.next)) return await this.#rotate(secret, data, request);
    this.#freeSince = null;
    return null;
  }

  async #rotate(secret: KeptSecret, data: KeysData, request: string | null): Promise<number | null> {
    const { clock, graceMs } = this.#options;
    const now = clock.now();
    this.#freeSince ??= now;
    const since = Math.max(data.rotation.since, this.#freeSince);
    const step = decideRotation({ ...data.rotation, since }, { request, now, graceMs });
    if (step.kind === 'nothing') return null;
    if (step.kind === 'wait') return step.ms;
    const changed = await afterStep(data, step, now);
    // Another operator's step is as good: it is read at the next look.
    if (!(await secret.replace(keysSecretData(changed)))) return 0;
    this.#data = changed;
    // Nobody has an announced key yet.
    this.#freeSince = step.kind === 'announce' ? null : now;
    this.#tell(step);
    return changed.rotation.stage === 'idle' ? 0 : graceMs;
  }

  /** Of a cluster of before: the salts that have been shown go on, which were computed from the admin token. */
  async #keepScramSecret(secret: KeptSecret, data: KeysData): Promise<number> {
    const kept = { ...data, scramSecret: this.adminToken };
    if (await secret.replace(keysSecretData(kept))) this.#data = kept;
    return 0;
  }

  #tell({ kind }: RotationStep): void {
    if (kind !== 'sign') return;
    const { kid } = this.#known().signing.publicJwk;
    this.#options.events.emit({ code: 'SigningKeyRotated', partition: null, fields: { key: kid } });
  }

  #known(): KeysData {
    if (this.#data === null) throw new Error('the keys have not been read yet');
    return this.#data;
  }
}

/** Fresh keys need no rotation, whatever has been asked for. */
async function newKeys(request: string | null): Promise<KeysData> {
  const signing = await newKey();
  const rotation: Rotation = { request, stage: 'idle', since: 0 };
  return { signing, next: null, previous: null, agentToken: newSecret(), scramSecret: newSecret(), rotation };
}

async function afterStep(data: KeysData, step: RotationStep, now: number): Promise<KeysData> {
  const { rotation } = data;
  switch (step.kind) {
    case 'announce':
      return { ...data, next: await newKey(), rotation: { request: step.request, stage: 'announced', since: now } };
    case 'sign': {
      const signing = data.next ?? (await newKey());
      const previous = data.signing.publicJwk;
      return { ...data, signing, next: null, previous, rotation: { ...rotation, stage: 'signing', since: now } };
    }
    case 'retire':
      return { ...data, previous: null, rotation: { ...rotation, stage: 'idle', since: now } };
    case 'restart':
      return { ...data, rotation: { ...rotation, since: now } };
    case 'nothing':
    case 'wait':
      return data;
  }
}

function readable<T>(secret: KeptSecret, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const advice =
      'put back what was there; or delete the Secret to have new keys made, which pods learn within minutes';
    throw new RangeError(`${secret.place}: ${(cause as Error).message}: ${advice}`, { cause });
  }
}

const newKey = () => generateSigningKey(randomBytes(KEY_ID_OCTETS).toString('base64url'));
const newSecret = (): string => randomBytes(SECRET_OCTETS).toString('base64url');
