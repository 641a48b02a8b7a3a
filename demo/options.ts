import { Command, InvalidArgumentError } from 'commander';

export type DemoOptions = {
  /** Mail of one's own to serve. */
  readonly mbox?: string;
  /** Where every figure and the history go. */
  readonly json?: string;
  /** Leave the cluster running at the end, and say how to reach it. */
  readonly keep?: boolean;
  readonly seed: number;
  /** IMAP sessions in the background. */
  readonly sessions: number;
  readonly color: boolean;
};

export const MIN_SESSIONS = 8;
const DEFAULT_SESSIONS = 56;

/** `npm run demo -- OPTIONS`. */
export function readOptions(argv: readonly string[]): DemoOptions {
  return new Command('demo')
    .description(
      'Real mail over IMAP out of replicated PostgreSQL: primaries are killed under open sessions, replicas take over,\n' +
        'nothing acknowledged is lost, and what Async may lose is brought back. Takes less than a minute, needs no root.',
    )
    .option('--mbox <file>', 'serve the messages of this mbox instead of generated ones')
    .option('--sessions <n>', 'IMAP sessions to keep open', integerFrom(MIN_SESSIONS), DEFAULT_SESSIONS)
    .option('--seed <n>', 'seed of mail and load', integerFrom(0), 1)
    .option('--json <file>', 'write every figure and the history of what clients saw')
    .option('--keep', 'leave the cluster running, with ports and a login printed; Ctrl-C ends it')
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      '\nExit code: 0 if every invariant holds, 1 if one does not, 2 for a mistake in the options.\n\nExamples:\n  npm run demo\n  npm run demo -- --mbox ~/mail.mbox --keep\n  npm run demo -- --json run.json --seed 7',
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
