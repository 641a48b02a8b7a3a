import type { V1Lease } from '@kubernetes/client-node';
import { OPERATOR_LABELS } from '#crds/names/labels.ts';
import type { ApiClient } from '../api/api-client.ts';
import { leases, type Stored } from '../api/resource.ts';
import type { LeaseState } from './lease-view.ts';

type Lease = Stored<V1Lease>;

export type LeaseStoreOptions = {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  /** Whole seconds: the API knows no others. */
  readonly durationSeconds: number;
  /** Milliseconds since 1970; written for people, never compared. */
  now(): number;
};

/** Each request is given up after `deadlineMs`; what came of it is then unknown. */
type Attempt = { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined };

/** The Lease object: written only on top of the very version that was last seen. */
export class LeaseStore {
  readonly #options: LeaseStoreOptions;
  #last: Lease | null = null;

  constructor(options: LeaseStoreOptions) {
    this.#options = options;
  }

  /** Reads it anew; makes a free one where there is none. @throws ApiError, network errors */
  async read(attempt: Attempt): Promise<LeaseState> {
    const { client, namespace, name } = this.#options;
    const found = await client.get(leases, { namespace, name }, attempt);
    if (found !== null) return this.#seen(found);
    // By the label `kubectl imap` finds whoever leads.
    const metadata = { namespace, name, labels: { ...OPERATOR_LABELS } };
    const made = await client.create(leases, { metadata, spec: { holderIdentity: '' } }, attempt);
    // Another candidate was quicker: theirs is as good.
    return made.ok ? this.#seen(made.object) : await this.read(attempt);
  }

  /** Writes ourselves in. null: somebody else has written since we looked. */
  async take(attempt: Attempt): Promise<LeaseState | null> {
    const { identity, durationSeconds, now } = this.#options;
    const before = this.#last?.spec ?? {};
    const time = microTime(now());
    const isRenewal = before.holderIdentity === identity;
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: durationSeconds,
      renewTime: time,
      acquireTime: isRenewal ? (before.acquireTime ?? time) : time,
      leaseTransitions: (before.leaseTransitions ?? 0) + (isRenewal ? 0 : 1),
    };
    return await this.#replace(spec, attempt);
  }

  /** Hands it back if it is ours: the next candidate need not wait. It is read first, since a last write may be unknown. */
  async release(attempt: Attempt): Promise<void> {
    const { holder } = await this.read(attempt);
    if (holder !== this.#options.identity) return;
    await this.#replace({ ...this.#last?.spec, holderIdentity: '', leaseDurationSeconds: 1 }, attempt);
  }

  async #replace(spec: NonNullable<Lease['spec']>, attempt: Attempt): Promise<LeaseState | null> {
    if (this.#last === null) return null;
    const written = await this.#options.client.replace(leases, { ...this.#last, spec }, attempt);
    if (written.ok) return this.#seen(written.object);
    this.#last = null;
    return null;
  }

  #seen(lease: Lease): LeaseState {
    this.#last = lease;
    return {
      holder: lease.spec?.holderIdentity ?? '',
      durationMs: (lease.spec?.leaseDurationSeconds ?? this.#options.durationSeconds) * 1_000,
      version: lease.metadata.resourceVersion ?? '',
    };
  }
}

/** `MicroTime` of the API wants six digits. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
