import { FuzzCases } from './fuzz-cases.ts';
import { type FuzzFailure, runFuzz } from './run-fuzz.ts';
import { shrink } from './shrink.ts';

export type ShrunkCase = { readonly layer: string; readonly whole: Buffer; readonly shrunk: Buffer };

/** A thread has to be started for each, and waited for. */
const TRIALS_BY_THREAD = 60;
const TRIALS = 20_000;

/** The input of a failure, and a smaller one that fails in the same way. */
export async function shrinkCase(
  seed: number,
  { index, kind, reason }: FuzzFailure,
  deadlineMs: number,
): Promise<ShrunkCase> {
  const cases = new FuzzCases(seed);
  const { layer, octets } = cases.make(index);
  const throwsAlike = (candidate: Buffer): boolean => {
    try {
      cases.examine({ layer, octets: candidate }, index);
      return false;
    } catch (error) {
      return placeOf(error instanceof Error ? (error.stack ?? '') : '') === placeOf(reason);
    }
  };
  const endsAlike = async (candidate: Buffer): Promise<boolean> => {
    const one = { seed, from: index, inputs: 1, workers: 1, deadlineMs, octets: candidate };
    return (await runFuzz(one)).failure?.kind === kind;
  };
  const wrong = kind === 'wrong';
  const options = { fails: wrong ? throwsAlike : endsAlike, trials: wrong ? TRIALS : TRIALS_BY_THREAD };
  return { layer, whole: octets, shrunk: await shrink(octets, options) };
}

/** Where an error was thrown tells one fault from another; what it says has the input in it. */
const placeOf = (stack: string): string => /^\s+at .*/m.exec(stack)?.[0] ?? stack;
