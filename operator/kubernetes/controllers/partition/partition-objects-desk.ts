import { partitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { isExisting } from '../../../partition/existing-members.ts';
import { disruptionBudgets, type Evictable } from '../../../partition/objects/disruption-budgets.ts';
import { reclaimOf } from '../../../partition/objects/member-input.ts';
import { partitionNames } from '../../../partition/objects/partition-names.ts';
import { partitionObjects } from '../../../partition/objects/partition-objects.ts';
import { ensurePartitionCredentials, ROTATE_CREDENTIALS_ANNOTATION } from '../../ports/ensure-partition-credentials.ts';
import { keyOf } from '../../watch/key-of.ts';
import { applyBuilt } from '../apply-built.ts';
import { type Caches, kindKey } from '../caches/caches.ts';
import { partitionGroup } from '../caches/group-of.ts';
import { disruptionBudgets as budgets } from '../caches/managed-kinds.ts';
import type { Leading } from '../leading.ts';
import { removeUnwanted } from '../remove-unwanted.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { memberBuild } from './member-build.ts';

type How = { readonly mend: boolean; readonly signal: AbortSignal };

type Seen = { readonly signs: string; readonly dueAt: number };

/** Makes and mends what a partition has whatever its members are doing. */
export class PartitionObjectsDesk {
  readonly #leading: Leading;
  /** What the kept things of each partition were settled for, and when they have to be looked at again. */
  readonly #seen = new Map<string, Seen>();

  constructor(leading: Leading) {
    this.#leading = leading;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }

  /**
   * Returns until the next stage of a replacement of passwords, in ms; null: none is under way.
   * @throws NameTaken, ApiError, network errors
   */
  async bringAbout(partition: MailboxPartition, runtime: ClusterRuntime, signal: AbortSignal): Promise<number | null> {
    const around = { ...this.#leading, signal };
    const againInMs = await this.#kept(partition, runtime);
    // Servers that somebody else runs have their pods, services and policies from whoever that is.
    if (isExisting(partition)) return null;
    const built = partitionObjects(memberBuild(partition, this.#leading, runtime).build);
    for (const object of built) await applyBuilt(object, around);
    return againInMs;
  }

  /**
   * Who may be evicted, which follows the members. `mend`: only where there are budgets already, as for a cluster that is paused.
   * @throws NameTaken, ApiError, network errors
   */
  async budget(partition: MailboxPartition, evictable: Evictable, how: How): Promise<void> {
    const { caches } = this.#leading;
    const around = { ...this.#leading, signal: how.signal };
    const wanted = disruptionBudgets(partition, evictable);
    const known = caches.applied.get(kindKey(budgets))?.cache;
    for (const budget of wanted) {
      if (how.mend && known?.get(keyOf(budget.metadata)) === undefined) continue;
      await applyBuilt(budget, around);
    }
    if (!how.mend) await removeUnwanted({ owner: partition, group: partitionGroup(partition), wanted }, around);
  }

  /**
   * Passwords and record are made once, and stay or go with the volumes, as `reclaim` says at the moment. The API server is
   * asked for them only where something may have changed, or a stage of a replacement is due.
   */
  async #kept(partition: MailboxPartition, runtime: ClusterRuntime): Promise<number | null> {
    const { client, clock, caches, configuration } = this.#leading;
    const key = keyOf(partition.metadata);
    const name = partitionName(partition.metadata.name);
    const whole = runtime.records.known(name)?.phase === 'Healthy';
    const signs = signsOf(partition, { caches, whole });
    const seen = this.#seen.get(key);
    const now = clock.monotonic();
    if (signs !== null && seen?.signs === signs && now < seen.dueAt) return untilDue(seen, now);
    const { events } = runtime;
    const graceMs = configuration.keys.rotationGraceSeconds * 1_000;
    // Nobody is beside such servers who could give them new passwords.
    const kept = isExisting(partition) ? withoutRequest(partition) : partition;
    const { againInMs } = await ensurePartitionCredentials({ client, clock, events, graceMs, whole }, kept);
    await runtime.recordStore.settleOwner(name);
    const dueAt = againInMs === null ? Number.POSITIVE_INFINITY : clock.monotonic() + againInMs;
    this.#seen.set(key, { signs: signs ?? '', dueAt });
    return againInMs;
  }
}

function withoutRequest(partition: MailboxPartition): MailboxPartition {
  const { [ROTATE_CREDENTIALS_ANNOTATION]: _, ...annotations } = partition.metadata.annotations ?? {};
  return { ...partition, metadata: { ...partition.metadata, annotations } };
}

const untilDue = ({ dueAt }: Seen, now: number): number | null => (Number.isFinite(dueAt) ? dueAt - now : null);

/** Changes whenever the kept things may have to: null where the passwords are not there, or not heard of yet. */
function signsOf(
  partition: MailboxPartition,
  { caches: { secrets }, whole }: { readonly caches: Caches; readonly whole: boolean },
): string | null {
  const { namespace, uid, annotations } = partition.metadata;
  const credentials = secrets.get(keyOf({ namespace, name: partitionNames(partition).credentials }));
  if (credentials === undefined) return null;
  const { resourceVersion = '' } = credentials.metadata;
  const request = annotations?.[ROTATE_CREDENTIALS_ANNOTATION] ?? '';
  return [uid, reclaimOf(partition), resourceVersion, whole, request].join(' ');
}
