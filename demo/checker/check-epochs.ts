import { groupBy, ofKind } from './group.ts';
import type { Check } from './invariant.ts';

/** I4: no imapd process ever goes back to a lower epoch of a repository. */
export const checkEpochs: Check = (history) => {
  const beliefs = ofKind(history, 'belief');
  const violations: string[] = [];
  for (const [who, series] of groupBy(beliefs, (b) => `${b.pod} ${b.partition}`)) {
    let highest = 0;
    for (const belief of [...series].sort((a, b) => a.at - b.at)) {
      if (belief.epoch < highest) violations.push(`${who}: epoch ${belief.epoch} after epoch ${highest}`);
      highest = Math.max(highest, belief.epoch);
    }
  }
  return { invariant: 'I4', promise: 'epochs only grow', examined: beliefs.length, violations };
};
