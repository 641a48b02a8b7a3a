import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { runFuzz } from './run-fuzz.ts';

// Promise: no octets of a client make what reads them throw, hang, hold memory without bound or answer against the grammar.
// The seed is fixed, so that a failure is the fault of what has changed; `npm run fuzz` takes any.

const SEED = 9051;
const INPUTS = 1_000_000;
/** Two cores take a minute or two, and longer where others work too. */
const PATIENCE_MS = 900_000;

test('a million inputs', { timeout: PATIENCE_MS }, async () => {
  const workers = Math.min(2, availableParallelism());
  const { done, failure } = await runFuzz({ seed: SEED, inputs: INPUTS, workers, deadlineMs: 30_000 });
  expect(failure, `npm run fuzz -- --seed ${SEED} --from ${failure?.index} --inputs 1`).toBeNull();
  expect(done).toBe(INPUTS);
});
