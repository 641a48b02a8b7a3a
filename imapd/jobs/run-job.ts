import { parseArgs } from 'node:util';
import type { Static } from 'typebox';
import { loadConfiguration } from '#runtime/configuration.ts';
import { watchForStop } from '#runtime/lifecycle.ts';
import { createLogger, type Logger } from '#runtime/logger.ts';
import type { JobConfiguration, SalvageConfiguration } from './job-configuration.ts';

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
 */
export async function runJob<S extends typeof JobConfiguration | typeof SalvageConfiguration>(
  job: { readonly name: string; readonly schema: S },
  work: (context: JobContext<Static<S>>) => Promise<JobResult>,
): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  let log = createLogger({ program: job.name });
  try {
    if (values.config === undefined) throw new Error(`usage: ${job.name} --config FILE`);
    const configuration = await loadConfiguration(values.config, job.schema);
    log = createLogger({ program: job.name, level: configuration.logLevel });
    const { signal } = watchForStop(log);
    const { result, report, failed = false } = await work({ configuration, log, signal });
    if (report !== undefined) process.stdout.write(`${report}\n`);
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = failed ? 1 : 0;
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    log.debug({ stack: error.stack }, 'the job failed');
    process.stdout.write(`${error.message.replaceAll('\n', ' ')}\n`);
    process.exitCode = 1;
  }
  // Standard input stays open where a parent holds it; it must not keep a finished job alive.
  process.stdin.destroy();
}
