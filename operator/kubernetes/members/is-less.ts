import { parseQuantity, QUANTITY_PATTERN } from '#crds/quantity.ts';

/** Whether one amount is less than the other; what nobody here has written down may be no quantity that we know. */
export function isLess(amount: string, than: string): boolean {
  const known = new RegExp(QUANTITY_PATTERN);
  return known.test(amount) && known.test(than) && parseQuantity(amount) < parseQuantity(than);
}
