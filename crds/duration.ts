/**
 * Durations as Go and CEL write them: `250ms`, `15s`, `1m30s`. No bare numbers: a reader must never guess the unit.
 */
export const DURATION_PATTERN = '^([0-9]+(ms|s|m|h))+$';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * @returns milliseconds
 * @throws RangeError for anything that DURATION_PATTERN does not match
 */
export function parseDuration(text: string): number {
  if (!new RegExp(DURATION_PATTERN).test(text)) throw new RangeError(`not a duration: ${JSON.stringify(text)}`);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) {
    total += Number(amount) * (MILLISECONDS[unit ?? ''] ?? 0);
  }
  return total;
}
