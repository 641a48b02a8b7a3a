const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * Bytes of a Kubernetes quantity: "20Gi", "500M", "1e9".
 * @throws RangeError
 */
export function quantity(text: string): number {
  const parts = /^(\d+(?:\.\d+)?(?:e\d+)?)([A-Za-z]*)$/.exec(text);
  const unit = UNITS[parts?.[2] ?? ''];
  if (parts === null || unit === undefined) throw new RangeError(`${text} is no size of storage`);
  return Number(parts[1]) * unit;
}
