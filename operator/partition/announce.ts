import type { Code } from '#runtime/error-codes.ts';
import type { Events } from '../ports.ts';
import type { Operation } from './operation.ts';
import type { PartitionSpec } from './partition-spec.ts';
import type { PartitionRecord } from './record.ts';
import { seriesOf } from './series-of.ts';

/** Conditions that are bad when they are True. On Kubernetes the others, and the end of these, are told by the controller. */
const ALARMS = ['FailoverBlocked', 'RejoinNeeded'] as const satisfies readonly Code[];

/** Events of a change of primary (one where it begins, one per step, one where it ends) and of conditions that turned. */
export class Announcer {
  readonly #events: Events;
  readonly #spec: () => PartitionSpec;

  constructor(events: Events, spec: () => PartitionSpec) {
    this.#events = events;
    this.#spec = spec;
  }

  began(operation: Operation): void {
    const { kind, epoch, from, reason } = operation;
    if (kind === 'Failover') this.#emit('FailoverStarted', reason, { from, epoch });
    if (kind === 'Reinstate') this.#emit('FailoverAborted', reason, { from, epoch });
  }

  step(operation: Operation, elapsedMs: number): void {
    const { step, epoch, kind } = operation;
    this.#emit('FailoverStep', `${step} done`, { step, epoch, kind, ms: Math.round(elapsedMs) });
  }

  ended(operation: Operation, record: PartitionRecord): void {
    const { phases, from, to, lostUpTo } = record.lastChange ?? {};
    const fields = { from, to, epoch: record.epoch, phases, lostUpTo };
    if (operation.kind === 'Failover') this.#emit('FailoverFinished', `${to} is the primary`, fields);
    if (operation.kind === 'Switchover') this.#emit('SwitchoverFinished', `${to} is the primary`, fields);
  }

  /** What turned bad between two looks, once: the record says what has been told, also by an operator before this one. */
  settled(before: PartitionRecord, after: PartitionRecord): void {
    for (const type of ALARMS) {
      const [was, is] = [before, after].map((record) => record.conditions.find((condition) => condition.type === type));
      if (is?.status !== 'True' || (was?.status === 'True' && was.reason === is.reason)) continue;
      const { name: partition } = this.#spec();
      const { message, reason } = is;
      this.#events.emit({ code: type, partition, message, fields: { reason }, series: seriesOf(is) });
    }
  }

  #emit(code: Code, message: string, fields: Record<string, unknown>): void {
    this.#events.emit({ code, partition: this.#spec().name, message, fields });
  }
}
