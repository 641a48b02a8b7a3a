import type { MemberName } from '#contract/names.ts';
import { holdsPosition } from '#database/position.ts';
import type { Operation } from '../../partition/operation.ts';

/**
 * What an election comes to for the old primary of a planned change. Where the elected one lacks what was written there (little may be
 * lost by Async, or a person accepted a loss), it is the only one that has it: a loser, which is salvaged.
 */
export function judgeYielded(operation: Operation, elected: MemberName): Partial<Operation> {
  const { yielded, losers } = operation;
  if (yielded === undefined || yielded.member === elected || holdsMark(operation, elected)) return {};
  const { member, lastEpoch } = yielded;
  return { losers: [...losers, { member, lastEpoch }], yielded: undefined };
}

/** Whether a survivor has all that the old primary wrote, of which a successor's timeline is a continuation. */
export function holdsMark({ survivors, mark }: Operation, name: MemberName): boolean {
  const survivor = survivors.find(({ member }) => member === name);
  return survivor !== undefined && mark !== null && holdsPosition(survivor.received, mark);
}
