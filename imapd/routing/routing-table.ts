import { isDeepStrictEqual } from 'node:util';
import { type Placement, RoutingDocument, type Target } from '#contract/routing-document.ts';
import { verify } from '#contract/signature.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PublicKeys } from '#runtime/public-keys.ts';
import { acceptDocument } from './accept-document.ts';

export type Applied =
  | { readonly kind: 'applied'; readonly version: number }
  | { readonly kind: 'stale'; readonly version: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Called when a document is in force; `null` for a partition that it no longer has. */
export type TargetListener = (partition: string, target: Target | null) => void;

export type RoutingTableOptions = {
  readonly cluster: string;
  readonly publicKeys: Pick<PublicKeys, 'current'>;
  readonly log: Logger;
};

/**
 * What this process believes about the cluster: the newest signed routing document. Nothing is kept on disk, so a
 * restarted process begins with what it is given and is corrected by the next push.
 */
export class RoutingTable {
  readonly #options: RoutingTableOptions;
  readonly #listeners = new Set<TargetListener>();
  readonly #epochs = new Map<string, number>();
  #document: RoutingDocument | null = null;

  constructor(options: RoutingTableOptions) {
    this.#options = options;
  }

  get document(): RoutingDocument | null {
    return this.#document;
  }

  get version(): number {
    return this.#document?.version ?? 0;
  }

  get placement(): Placement | null {
    return this.#document?.placement ?? null;
  }

  /** Highest epoch seen of each partition. */
  get epochs(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#epochs);
  }

  /** Hears of every change from now on; the returned function ends it. */
  onTarget(listener: TargetListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a signed document into force if it is newer in every respect. Applied before it resolves. */
  async apply(jws: string): Promise<Applied> {
    const { publicKeys, log } = this.#options;
    const verified = await verify(jws, { purpose: 'routing', schema: RoutingDocument, keys: publicKeys.current });
    if (!verified.ok) {
      log.event('RoutingRefused', { reason: verified.message });
      return { kind: 'refused', code: verified.code, message: verified.message };
    }
    const known = { cluster: this.#options.cluster, version: this.version, epochs: this.#epochs };
    const verdict = acceptDocument(known, verified.payload);
    if (verdict.kind === 'refuse') {
      log.event('RoutingRefused', { reason: verdict.message });
      return { kind: 'refused', code: verdict.code, message: verdict.message };
    }
    // What it has found by itself, before the push came: that is as good as taken from the push.
    if (isDeepStrictEqual(verified.payload, this.#document)) return { kind: 'applied', version: this.version };
    if (verdict.kind === 'stale') return { kind: 'stale', version: this.version, reason: verdict.reason };
    this.#bringIntoForce(verified.payload);
    return { kind: 'applied', version: this.version };
  }

  #bringIntoForce(document: RoutingDocument): void {
    const before = this.#document;
    this.#document = document;
    const gone = Object.keys(before?.partitions ?? {}).filter((name) => !Object.hasOwn(document.partitions, name));
    for (const [name, target] of Object.entries(document.partitions)) this.#epochs.set(name, target.epoch);
    this.#options.log.event('RoutingApplied', { version: document.version, epochs: this.epochs });
    for (const listener of this.#listeners) {
      for (const name of gone) listener(name, null);
      for (const [name, target] of Object.entries(document.partitions)) listener(name, target);
    }
  }
}
