/** Values that may differ, by where they are: that very value, or some within it; of a list, within each. */
export type Except = { readonly [key: string]: true | Except };

/**
 * Whether two values say the same as JSON, but for some. Value by value and not as text: of reports most share most of their parts
 * with the one before (`beat.ts`), and are through at once.
 */
export function isSame(before: unknown, now: unknown, except: Except = NONE): boolean {
  if (before === now) return true;
  if (!isObject(before) || !isObject(now) || Array.isArray(before) !== Array.isArray(now)) return false;
  for (const key in now) {
    const within = Array.isArray(now) ? except : (except[key] ?? NONE);
    if (within !== true && !isSame(before[key], now[key], within)) return false;
  }
  // What is not said is what is undefined.
  for (const key in before) if (!(key in now) && before[key] !== undefined && except[key] !== true) return false;
  return true;
}

const NONE: Except = {};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
