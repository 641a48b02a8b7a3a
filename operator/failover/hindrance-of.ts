import type { Decision } from './decide.ts';
import type { BlockCode } from './gate.ts';

/** What is in the way of a promotion that is due, as code and words; null where nothing is. */
export function hindranceOf(decision: Decision): readonly [code: BlockCode, why: string] | null {
  if (decision.kind !== 'blocked' && decision.kind !== 'upkeep') return null;
  return decision.code === null ? null : [decision.code, decision.why ?? ''];
}
