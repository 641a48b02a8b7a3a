import type { HistoryEvent } from './history.ts';
import type { Check } from './verdict.ts';

type Timed = Extract<HistoryEvent, { begun: number; outcome: string }>;

/** I7: every command is answered within the hold limit. */
export const checkAnswers: Check = (history, rules) => {
  const commands = history.filter((e): e is Timed => 'outcome' in e);
  const late = commands.filter((c) => c.ended - c.begun > rules.answerWithinMs);
  return {
    invariant: 'I7',
    promise: `every command is answered within ${rules.answerWithinMs / 1000} s`,
    examined: commands.length,
    violations: late.map(
      (c) => `${c.client}: ${c.kind === 'command' ? c.name : c.kind} took ${Math.round(c.ended - c.begun)} ms`,
    ),
  };
};
