import type { Epoch } from '#contract/names.ts';
import type { RepositoryView } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';
import type { Collectable } from '../store/collect/collect-periodically.ts';
import type { Store } from '../store/store.ts';
import type { StoreLimits } from '../store/store-limits.ts';
import type { ReaderFacts } from './choose-reader.ts';
import type { PoolUse } from './repository/member-pools.ts';
import type { RepositoryOptions } from './repository/repository.ts';

/** What the process does with a repository, whatever its engine. */
export interface OpenRepository extends Collectable {
  readonly engine: Engine;
  /** Epoch of the target in force. */
  readonly epoch: Epoch;
  /** The mail in it. */
  readonly store: Store;
  readonly view: RepositoryView;
  /** Open connections and waiting calls, for the metrics. */
  readonly poolUses: readonly PoolUse[];
  /** The readers as they are known now, for the metrics. */
  readonly readers: readonly ReaderFacts[];

  /** Obeys a newer target, of the same engine. */
  retarget(target: Target): void;
  /** Evidence that the target still holds (Async): see write-lease.ts. */
  proveLease(proof: { readonly epoch: number; readonly since: number; readonly seconds?: number }): void;
  /** What the operator says of the writer's disk space. */
  noteFull(isFull: boolean): void;
  /** Ends for good; calls under way reject. */
  close(): Promise<void>;
}

export type OpenOptions = RepositoryOptions & { readonly storeLimits: StoreLimits };
