import { parseQuantity } from '../quantity.ts';
import { type Rule, rule } from './rule.ts';

/** Bounds of a field that holds a quantity, both included. */
export const quantityBetween = (at: readonly string[], least: string, most: string): Rule =>
  rule<string>({
    at,
    cel: `quantity(self).compareTo(quantity('${least}')) >= 0 && quantity(self).compareTo(quantity('${most}')) <= 0`,
    message: `${at.at(-1)} lies between ${least} and ${most}`,
    holds: (self) => parseQuantity(self) >= parseQuantity(least) && parseQuantity(self) <= parseQuantity(most),
  });
