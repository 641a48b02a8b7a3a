import { expect } from 'vitest';

/** So many of thousands are shown. */
const SHOWN = 12;

/** The same lines, in any order, as often; shows what differs and nothing else. */
export function mustHold(what: string, lines: readonly string[], expected: readonly string[]): void {
  const missing = without(expected, lines);
  const unexpected = without(lines, expected);
  const found = { missing: missing.length, unexpected: unexpected.length, of: expected.length };
  const shown = [
    ...missing.slice(0, SHOWN).map((line) => `- ${line}`),
    ...unexpected.slice(0, SHOWN).map((line) => `+ ${line}`),
  ];
  expect(found, [what, ...shown].join('\n')).toEqual({ missing: 0, unexpected: 0, of: expected.length });
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
