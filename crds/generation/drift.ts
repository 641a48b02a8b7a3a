/** Context and length of a shown difference: enough to recognise the place. */
const MOST_LINES = 20;

/**
 * How a committed file differs from the generated one, in the manner of a unified diff with the common head and tail
 * left out; null where they are equal.
 */
export function driftOf(
  path: string,
  { committed, generated }: { readonly committed: string; readonly generated: string },
): string | null {
  if (committed === generated) return null;
  const before = committed.split('\n');
  const after = generated.split('\n');
  const head = commonLength(before, after);
  const tail = commonLength(before.slice(head).reverse(), after.slice(head).reverse());
  const removed = before.slice(head, before.length - tail);
  const added = after.slice(head, after.length - tail);
  return [
    `--- ${path} (committed)`,
    `+++ ${path} (generated)`,
    `@@ line ${head + 1} @@`,
    ...cut(removed, '-'),
    ...cut(added, '+'),
  ].join('\n');
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function cut(lines: readonly string[], sign: string): readonly string[] {
  const shown = lines.slice(0, MOST_LINES).map((line) => sign + line);
  return lines.length > MOST_LINES ? [...shown, `${sign} … ${lines.length - MOST_LINES} more lines`] : shown;
}
