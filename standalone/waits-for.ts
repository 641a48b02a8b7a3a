import type { ControlStatus } from '#contract/control-api.ts';

type Waiting = Pick<ControlStatus, 'operatorProblem' | 'waiting' | 'members'>;

/** What a start that takes long waits for, in the words of whoever waits. */
export function waitsFor({ operatorProblem, waiting, members }: Waiting): string {
  if (operatorProblem !== null) return `The operator does not answer: ${operatorProblem}`;
  const reasons = Object.entries(waiting).map(([partition, why]) => `${partition} waits: ${why}`);
  if (reasons.length > 0) return reasons.join('\n');
  const down = members
    .filter(({ state }) => state !== 'running')
    .map(({ name, state }) => `${name} is ${state ?? 'silent'}`);
  return down.length > 0 ? `Databases: ${down.join(', ')}.` : 'Waiting for the imapd processes.';
}
