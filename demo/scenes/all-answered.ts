import { DeadlineError, pause } from '#runtime/deadline.ts';
import { unanswered } from '../checker/unanswered.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';

const WITHIN_MS = 20_000;

/**
 * Waits for the answers to all that is under way. Before, a message may be gone whose removal a client has asked for, and
 * the history does not know yet. One that is never answered is the verdict's to tell of.
 */
export async function allAnswered({ recorder, signal }: Pick<Run, 'recorder' | 'signal'>): Promise<void> {
  const asked = new Set(unanswered(recorder.events).map(({ id }) => id));
  const answered = async (): Promise<true | null> =>
    unanswered(recorder.events).some(({ id }) => asked.has(id)) ? null : true;
  await waitFor(answered, { what: 'answers', withinMs: WITHIN_MS, signal }).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
  });
  // Who asked notes what it was right after the answer.
  await pause(0);
}
