import { commandInput } from './command-input.ts';
import { fuzzSession } from './fuzz-session.ts';
import { Random } from './random.ts';

export type FuzzSessionsOptions = {
  readonly port: number;
  readonly login: string;
  readonly seed: number;
  readonly from?: number;
  readonly sessions: number;
  /** So many at the same time. */
  readonly abreast: number;
  readonly deadlineMs: number;
};

/** Hostile sessions, a few at a time. @throws Error with the index of one that was not served as it should be */
export async function fuzzSessions(options: FuzzSessionsOptions): Promise<void> {
  const { seed, from = 0, sessions, abreast } = options;
  const command = commandInput(seed);
  let next = from;
  const run = async (): Promise<void> => {
    while (next < from + sessions) {
      const index = next;
      next += 1;
      await fuzzSession({ ...options, random: new Random(seed, index), command }).catch((cause: Error) => {
        throw new Error(`session ${index}: ${cause.message}`, { cause });
      });
    }
  };
  await Promise.all(Array.from({ length: abreast }, run));
}
