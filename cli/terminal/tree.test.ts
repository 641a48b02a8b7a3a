import { expect, test } from 'vitest';
import { tree } from './tree.ts';

test('siblings are aligned, colours do not count, a line alone counts neither', () => {
  const root = {
    cells: ['mail', 'Serving'],
    below: [
      { cells: ['a', '\u001b[32mok\u001b[39m', 'x'], below: [{ cells: ['leaf'] }] },
      { cells: ['a message that is longer than any cell'] },
      { cells: ['bbb', 'broken'], below: [{ cells: ['1', '2'] }, { cells: ['10', '20'] }] },
    ],
  };
  expect(tree(root)).toBe(`mail  Serving
├─ a    \u001b[32mok\u001b[39m      x
│  └─ leaf
├─ a message that is longer than any cell
└─ bbb  broken
   ├─ 1   2
   └─ 10  20
`);
});
