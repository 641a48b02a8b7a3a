import { Command, InvalidArgumentError, Option } from 'commander';
import { type DemoEngine, demoEngines } from './databases/engines.ts';

export type DemoOptions = {
  /** Mail of one's own to serve. */
  readonly mbox?: string;
  /** Where every figure and the history go. */
  readonly json?: string;
  /** Leave the cluster running at the end, and say how to reach it. */
  readonly keep?: boolean;
  readonly engine: DemoEngine;
  readonly seed: number;
  /** IMAP sessions in the background. */
  readonly sessions: number;
  readonly color: boolean;
  /** Least important log line of the cluster's processes that is shown. */
  readonly logLevel: string;
};

export const MIN_SESSIONS = 8;
const DEFAULT_SESSIONS = 56;

const DESCRIPTION =
  'Real mail over IMAP out of replicated databases: primaries are killed under open sessions, replicas take over,\n' +
  'nothing acknowledged is lost, and what Async may lose is brought back. Takes less than a minute, needs no root.';

/** `npm run demo -- OPTIONS`; another program that runs the demo gives its own name and says what it does. */
export function readOptions(
  argv: readonly string[],
  { name, description } = { name: 'demo', description: DESCRIPTION },
): DemoOptions {
  return new Command(name)
    .description(description)
    .option('--mbox <file>', "serve the first messages of this mbox in place of this repository's history")
    .addOption(
      new Option('--engine <name>', 'what the databases are; mixed: another engine for each of the two partitions')
        .choices([...demoEngines])
        .default('postgresql'),
    )
    .option('--sessions <n>', 'IMAP sessions to keep open', integerFrom(MIN_SESSIONS), DEFAULT_SESSIONS)
    .option('--seed <n>', 'seed of the mail and of what each session does with it', integerFrom(0), 1)
    .option('--json <file>', 'write every figure and the history of what clients saw')
    .option('--keep', 'leave the cluster running, with ports and a login printed; Ctrl-C ends it')
    .addOption(
      new Option('--log-level <level>', "log lines of the cluster's processes; the demo's own kills are errors to them")
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('silent'),
    )
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      '\nExit code: 0 if every invariant holds and every scene showed what it promised, 1 if not, 2 for a mistake in the\noptions, 130 where it was interrupted.\n\nExamples:\n  npm run demo\n  npm run demo -- --mbox ~/mail.mbox --keep\n  npm run demo -- --engine mixed\n  npm run demo -- --json run.json --seed 7',
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' })
    .opts<DemoOptions>();
}

function integerFrom(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`An integer from ${minimum} is needed.`);
    return value;
  };
}
