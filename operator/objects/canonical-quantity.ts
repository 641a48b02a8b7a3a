import { QUANTITY_PATTERN } from '#crds/quantity.ts';

/** Smallest first: each is a thousand of the one before it, from 10^-9 on. */
const DECIMAL: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P'];
/** Each is 1024 of the one before it, from 1 on. */
const BINARY: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
const KIBI = 1024n;
const KILO = 1000n;
/** Index of 1 in DECIMAL. */
const UNIT = 3;

/**
 * A quantity as the API server writes it down: the largest suffix that leaves a whole number. Written in another way the
 * same amount (`1000m` for `1`) would differ from what is stored, and be applied again at every look.
 * @throws RangeError for anything that QUANTITY_PATTERN does not match
 */
export function canonicalQuantity(text: string): string {
  const [, whole = '', fraction = '', suffix = ''] = /^([0-9]+)(?:\.([0-9]+))?([A-Za-z]*)$/.exec(text) ?? [];
  if (!new RegExp(QUANTITY_PATTERN).test(text)) throw new RangeError(`not a quantity: ${JSON.stringify(text)}`);
  const digits = BigInt(whole + fraction);
  const divisor = 10n ** BigInt(fraction.length);
  const exponent = BINARY.indexOf(suffix);
  if (exponent > 0) {
    const amount = roundUp(digits * KIBI ** BigInt(exponent), divisor);
    // Below 1024 there is no binary suffix to write.
    if (amount >= KIBI) return largestSuffix(amount, KIBI, BINARY);
    return largestSuffix(roundUp(digits * KIBI ** BigInt(exponent) * KILO ** BigInt(UNIT), divisor), KILO, DECIMAL);
  }
  const scale = DECIMAL.indexOf(suffix);
  return largestSuffix(roundUp(digits * KILO ** BigInt(scale), divisor), KILO, DECIMAL);
}

const roundUp = (amount: bigint, divisor: bigint): bigint => (amount + divisor - 1n) / divisor;

function largestSuffix(amount: bigint, base: bigint, suffixes: readonly string[]): string {
  if (amount === 0n) return '0';
  let rest = amount;
  let index = 0;
  while (rest % base === 0n && index < suffixes.length - 1) {
    rest /= base;
    index++;
  }
  return `${rest}${suffixes[index] ?? ''}`;
}

/** All amounts of a list of resources, or nothing where there are none: the API server keeps no empty maps. */
export function canonicalAmounts(amounts: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const entries = Object.entries(amounts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, amount]) => [name, canonicalQuantity(amount)]));
}
