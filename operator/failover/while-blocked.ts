import type { MemberName } from '#contract/names.ts';
import type { DecideInput, Decision } from './decide.ts';
import type { Hindrance } from './gate.ts';
import { reviveReplicas } from './upkeep.ts';

/** Nobody may be promoted; but a replica that hangs may be the very one whose vote is missing. */
export function whileBlocked(input: DecideInput, primary: MemberName, { code, why }: Hindrance): Decision {
  const actions = reviveReplicas(primary, input);
  return actions.length > 0 ? { kind: 'upkeep', actions, why, code } : { kind: 'blocked', code, why };
}
