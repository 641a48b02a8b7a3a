import type { Condition } from '#crds/condition.ts';
import type { ConditionType, ReasonOf } from '#crds/condition-table.ts';

/** A condition before it is known since when it holds. */
export type Judgement = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

export type Dating = {
  readonly before: readonly Condition[];
  readonly generation: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** Conditions with the time since when each has its status; in the order of their names, so that order is no change. */
export function datedConditions(judgements: readonly Judgement[], { before, generation, now }: Dating): Condition[] {
  return judgements
    .map((judgement) => {
      const old = before.find(({ type }) => type === judgement.type);
      const since = old?.status === judgement.status ? old.lastTransitionTime : new Date(now).toISOString();
      const observed = generation === undefined ? {} : { observedGeneration: generation };
      return { ...judgement, message: cut(judgement.message), ...observed, lastTransitionTime: since };
    })
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

/** Longest message that the schema takes. */
const LONGEST = 32_768;
const cut = (message: string): string => (message.length <= LONGEST ? message : `${message.slice(0, LONGEST - 1)}…`);

export const judge = <T extends ConditionType>(
  type: T,
  status: boolean | null,
  { reason, message }: { readonly reason: ReasonOf<T>; readonly message: string },
): Judgement => ({ type, status: status === null ? 'Unknown' : statusOf(status), reason, message });

const statusOf = (holds: boolean): 'True' | 'False' => (holds ? 'True' : 'False');
