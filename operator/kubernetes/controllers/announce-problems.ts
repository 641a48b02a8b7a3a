import type { PartitionName } from '#contract/names.ts';
import type { Condition } from '#crds/condition.ts';
import type { Code } from '#runtime/error-codes.ts';
import type { Events } from '../../ports.ts';

export type Problems = {
  readonly problems: ReadonlyMap<Code, string>;
  /** What the object's status says already, whoever wrote it: also an operator before this one. */
  readonly before: readonly Condition[];
  readonly events: Events;
  readonly partition: PartitionName | null;
};

/** An Event for each problem that its object's status does not tell of yet: once, however often it is looked at. */
export function announceProblems({ problems, before, events, partition }: Problems): void {
  for (const [code, message] of problems) {
    const told = before.find(({ type }) => type === code);
    if (told?.status === 'True' && told.message === message) continue;
    events.emit({ code, partition, message });
  }
}
