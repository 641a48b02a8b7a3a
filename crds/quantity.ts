/** Kubernetes quantities as far as they measure bytes or cores: `20Gi`, `64Mi`, `500m`, `1.5`. */
export const QUANTITY_PATTERN = '^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi)?$';

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  Ki: 2 ** 10,
  M: 1e6,
  Mi: 2 ** 20,
  G: 1e9,
  Gi: 2 ** 30,
  T: 1e12,
  Ti: 2 ** 40,
  P: 1e15,
  Pi: 2 ** 50,
};

/**
 * @returns bytes, or cores
 * @throws RangeError for anything that QUANTITY_PATTERN does not match
 */
export function parseQuantity(text: string): number {
  const match = new RegExp(QUANTITY_PATTERN).exec(text);
  const factor = FACTORS[match?.[2] ?? ''];
  if (match === null || factor === undefined) throw new RangeError(`not a quantity: ${JSON.stringify(text)}`);
  return Number.parseFloat(text) * factor;
}
