import type { PartitionName } from '#contract/names.ts';
import { type Alarm, alarms } from '#crds/alarms.ts';
import type { Condition } from '#crds/condition.ts';
import { seriesOf } from '../../partition/series-of.ts';
import type { Events } from '../../ports.ts';
import type { ApiObject } from '../api/resource.ts';
import { conditionTurns, type Ledger, ledgerOf, type Turn } from '../status/condition-turns.ts';
import { eventOfReason } from '../status/event-of-reason.ts';
import { keyOf } from '../watch/key-of.ts';

export type Announcement = {
  /** As last heard of: its status says what was told, also by an operator before this one. */
  readonly live: ApiObject & {
    readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined;
  };
  /** As they are to be. */
  readonly conditions: readonly Condition[];
  readonly events: Events;
  /** null: it is about an ImapCluster. */
  readonly partition: PartitionName | null;
};

/**
 * An Event for each condition that turns to trouble, and one when it is well again: once, however often the object is looked at
 * and whoever looks. What this operator has told it remembers, for a status that could not be written says nothing.
 */
export class ConditionAnnouncer {
  readonly #told = new Map<string, { readonly uid: string | undefined; readonly ledger: Ledger }>();

  announce({ live, conditions, events, partition }: Announcement): void {
    const key = keyOf(live.metadata);
    const { uid } = live.metadata;
    const known = this.#told.get(key);
    const before = known?.uid === uid && known !== undefined ? known.ledger : ledgerOf(live.status?.conditions ?? []);
    const { turns, ledger } = conditionTurns(before, conditions);
    this.#told.set(key, { uid, ledger });
    for (const turn of turns) emit(turn, { events, partition });
  }

  /** Its object is gone. */
  forget(key: string): void {
    this.#told.delete(key);
  }
}

function emit({ kind, condition }: Turn, { events, partition }: Pick<Announcement, 'events' | 'partition'>): void {
  const { type, reason, message } = condition;
  const alarm = ALARMS.find((name) => name === type);
  if (alarm !== undefined) {
    const over = { code: 'ConditionCleared', message: `${type} is over` } as const;
    const told = kind === 'trouble' ? { code: alarm, message } : over;
    events.emit({ partition, ...told, ...(kind === 'trouble' && FAILURES.has(alarm) ? { series: alarm } : {}) });
  } else if (kind === 'over') {
    const words = `${type} is well again: ${message}`;
    // Well again is well again, whoever was not.
    events.emit({ code: 'ConditionCleared', partition, message: words, condition: { type, reason }, series: type });
  } else if (eventOfReason(type, reason) !== null) {
    const series = seriesOf(condition);
    events.emit({ code: 'ConditionTroubled', partition, message, condition: { type, reason }, series });
  }
}

const ALARMS: readonly Alarm[] = Object.values(alarms).flat();
/** Their messages are what went wrong this time, not what is to be mended. */
const FAILURES: ReadonlySet<Alarm> = new Set(['CoreFailed', 'ReconcileFailed']);
