import { expect, test } from 'vitest';
import { dueFarewells } from './due-farewells.ts';

test.each([
  { what: 'one at the beginning', sessions: 100, elapsedMs: 0, wholeMs: 1_000, due: 1 },
  { what: 'in step with the time', sessions: 100, elapsedMs: 500, wholeMs: 1_000, due: 51 },
  { what: 'more at once where there are many for the time', sessions: 5_000, elapsedMs: 10, wholeMs: 2_500, due: 21 },
  { what: 'a loop that is late catches up', sessions: 5_000, elapsedMs: 2_000, wholeMs: 2_500, due: 4_001 },
  { what: 'all in the end', sessions: 100, elapsedMs: 1_000, wholeMs: 1_000, due: 100 },
  { what: 'all at once without any time', sessions: 100, elapsedMs: 0, wholeMs: 0, due: 100 },
  { what: 'none where there is none', sessions: 0, elapsedMs: 0, wholeMs: 0, due: 0 },
])('$what', ({ due, what: _, ...round }) => {
  expect(dueFarewells(round)).toBe(due);
});
