import { ofKind } from './group.ts';
import type { Check } from './invariant.ts';
import { unanswered } from './unanswered.ts';

/** I7: every command is answered within the hold limit; one that has no answer at the end of the history never got one. */
export const checkAnswers: Check = (history, rules) => {
  const requests = ofKind(history, 'request');
  const answeredAt = new Map(ofKind(history, 'answer').map(({ id, at }) => [id, at]));
  const late = requests.flatMap(({ id, client, name, at }) => {
    const tookMs = (answeredAt.get(id) ?? at) - at;
    return tookMs > rules.answerWithinMs ? [`${client}: ${name} took ${Math.round(tookMs)} ms`] : [];
  });
  const never = unanswered(history).map(({ client, name }) => `${client}: ${name} was never answered`);
  return {
    invariant: 'I7',
    promise: `every command is answered within ${rules.answerWithinMs / 1000} s`,
    examined: requests.length,
    violations: [...never, ...late],
  };
};
