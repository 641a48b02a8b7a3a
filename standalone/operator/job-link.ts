import type { Job, JobOutcome, Jobs } from '#operator/ports.ts';
import type { MessageLink } from './message-link.ts';

/** A salvage reads a whole database; nothing but its own end, or the operator's, stops it earlier. */
const LONGEST_MS = 6 * 60 * 60 * 1_000;

/**
 * Runs imapd's jobs through the supervisor: the operator may live under a user that cannot read the checkout, and a job
 * must die with the supervisor, not with the operator alone.
 */
export const jobsOverLink = (link: MessageLink): Jobs => ({
  async run(job: Job, signal: AbortSignal): Promise<JobOutcome> {
    try {
      return (await link.call('runJob', job, { deadlineMs: LONGEST_MS, signal })) as JobOutcome;
    } catch (error) {
      return { ok: false, message: (error as Error).message };
    }
  },
});
