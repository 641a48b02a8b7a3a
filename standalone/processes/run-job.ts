import type { Job, JobOutcome } from '#operator/ports.ts';
import type { Logger } from '#runtime/logger.ts';
import { spawnProgram } from './spawn-program.ts';

export type JobRun = {
  /** Where the sources are. */
  readonly folder: string;
  readonly job: Job;
  readonly configFile: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
};

/** What a job may print at most; it prints one line. */
const MOST_OUTPUT = 1 << 20;

/**
 * Runs `node imapd/jobs/KIND.ts --config FILE` to its end. Its result is the last line of its standard output, as JSON;
 * exit code 0 means done.
 */
export async function runJob({ folder, job, configFile, signal, log }: JobRun): Promise<JobOutcome> {
  const child = spawnProgram({ folder, program: `imapd/jobs/${job.kind}.ts`, configFile, output: 'pipe' });
  const end = (): void => {
    child.kill('SIGTERM');
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  const { promise, resolve } = Promise.withResolvers<JobOutcome>();
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-MOST_OUTPUT);
  });
  // Written to by nobody; how the child ends is what counts.
  child.stdin?.on('error', () => undefined);
  child.once('error', (error) => resolve({ ok: false, message: error.message }));
  child.once('close', (code, killedBy) => resolve(outcomeOf(output, code, killedBy)));
  const outcome = await promise;
  signal.removeEventListener('abort', end);
  log.debug({ job: job.kind, partition: job.partition, outcome }, 'job ended');
  return outcome;
}

function outcomeOf(output: string, code: number | null, killedBy: string | null): JobOutcome {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0) return { ok: false, message: last || `ended by ${killedBy ?? `exit code ${code}`}` };
  try {
    return { ok: true, result: last === '' ? null : JSON.parse(last) };
  } catch {
    // Done, by its exit code; it just says nothing that we could keep.
    return { ok: true, result: last };
  }
}
