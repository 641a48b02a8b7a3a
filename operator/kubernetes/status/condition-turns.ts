import type { Condition } from '#crds/condition.ts';
import { isAlarm, mayBeTrouble, weightOfCondition } from '#crds/weight-of-condition.ts';

/** What has been told of a condition. `troubled`: trouble was told, and not yet that it is over. */
export type Told = { readonly reason: string; readonly message: string; readonly troubled: boolean };
/** By the type of the condition. */
export type Ledger = ReadonlyMap<string, Told>;

/** `over`: it is well again; of an alarm `condition` is then the last that was told. */
export type Turn = { readonly kind: 'trouble' | 'over'; readonly condition: Judged };
export type Turns = { readonly turns: readonly Turn[]; readonly ledger: Ledger };

type Judged = Pick<Condition, 'type' | 'reason' | 'message'>;

/**
 * What is known of an object whose status somebody else wrote: an operator before this one. Whether trouble came before what
 * passes now it does not say: better told once too often that it is over than never.
 */
export function ledgerOf(conditions: readonly Condition[]): Ledger {
  const known = conditions.flatMap((condition): readonly (readonly [string, Told])[] => {
    const { type, status, reason, message } = condition;
    const weight = weightOfCondition(condition);
    if (weight === null || (isAlarm(type) && status !== 'True')) return [];
    return [[type, { reason, message, troubled: weight !== 'fine' && mayBeTrouble(type) }]];
  });
  return new Map(known);
}

/**
 * What is news: trouble with another reason than before (of an alarm, with another message: it names what is to be mended), and
 * that something is well which was not. What passes by itself is no news, neither are other words for the same: a kubelet
 * alternates between two of them for as long as an image cannot be pulled.
 */
export function conditionTurns(ledger: Ledger, now: readonly Judged[]): Turns {
  const known = now.filter((condition) => weightOfCondition(condition) !== null);
  const begun = known.flatMap((condition) => turnOf(ledger.get(condition.type), condition));
  const ended = [...ledger].filter(([type]) => isAlarm(type) && !known.some((condition) => condition.type === type));
  const over = ended.map(
    ([type, { reason, message }]): Turn => ({ kind: 'over', condition: { type, reason, message } }),
  );
  return {
    turns: [...begun, ...over],
    ledger: new Map(known.map((condition) => [condition.type, noted(ledger.get(condition.type), condition)])),
  };
}

function turnOf(before: Told | undefined, condition: Judged): readonly Turn[] {
  const { type, reason, message } = condition;
  const weight = weightOfCondition(condition);
  if (weight === 'fine') return before?.troubled === true ? [{ kind: 'over', condition }] : [];
  const isSame = before?.reason === reason && (!isAlarm(type) || before.message === message);
  return weight === 'trouble' && !isSame ? [{ kind: 'trouble', condition }] : [];
}

function noted(before: Told | undefined, condition: Judged): Told {
  const { reason, message } = condition;
  const weight = weightOfCondition(condition);
  return { reason, message, troubled: weight === 'trouble' || (weight === 'passing' && before?.troubled === true) };
}
