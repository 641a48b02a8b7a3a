import { writeFile } from 'node:fs/promises';
import type { Static } from 'typebox';
import { loadConfiguration } from '#runtime/configuration.ts';
import { watchForStop } from '#runtime/lifecycle.ts';
import { createLogger, type Logger } from '#runtime/logger.ts';
import { type JobOptions, readJobOptions } from '#runtime/program-options.ts';
import type { JobConfiguration, SalvageConfiguration } from './job-configuration.ts';
import { shortReason, shortResult } from './short-result.ts';

export type JobContext<C> = {
  readonly configuration: C;
  /** Progress goes here, to standard error. */
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** `report` is for people, before the result; `failed` makes the exit code 1. */
export type JobResult = { readonly result: unknown; readonly report?: string; readonly failed?: boolean };

/**
 * A job is a program that does one thing and ends. The last line of its standard output is its result as JSON, or, where
 * it failed (exit code 1), the reason in one line. May be run again at any time.
 *
 * In a pod nobody reads the output; the same line, shortened to what fits, goes to the file that `--result` names.
 */
export async function runJob<S extends typeof JobConfiguration | typeof SalvageConfiguration>(
  job: { readonly name: string; readonly schema: S },
  work: (context: JobContext<Static<S>>) => Promise<JobResult>,
): Promise<void> {
  const options = readJobOptions({
    name: `node imapd/jobs/${job.name}.ts`,
    description: 'A job on the mail schema: does one thing, prints its result as a line of JSON, and ends.',
  });
  let log = createLogger({ program: job.name });
  try {
    const configuration = await loadConfiguration(options.config, job.schema);
    log = createLogger({ program: job.name, level: configuration.logLevel });
    const { signal } = watchForStop(log);
    const { result, report, failed = false } = await work({ configuration, log, signal });
    if (report !== undefined) process.stdout.write(`${report}\n`);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    await keep(options, shortResult(result));
    process.exitCode = failed ? 1 : 0;
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    log.debug({ stack: error.stack }, 'the job failed');
    const reason = error.message.replaceAll('\n', ' ');
    process.stdout.write(`${reason}\n`);
    process.exitCode = 1;
    await keep(options, shortReason(reason)).catch((lost: Error) =>
      log.debug({ error: lost.message }, 'no result file'),
    );
  }
  // Standard input stays open where a parent holds it; it must not keep a finished job alive.
  process.stdin.destroy();
}

async function keep({ result }: JobOptions, line: string): Promise<void> {
  if (result !== undefined) await writeFile(result, line);
}
