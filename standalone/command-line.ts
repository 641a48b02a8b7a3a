import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_STATE_FOLDERS, defaultStateFolder } from '#contract/control-api.ts';

/** What the command line says. */
export type CommandLineOptions = {
  readonly filename: readonly string[];
  readonly state: string;
  readonly host: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly postgresBin?: string;
  readonly mariadbBin?: string;
  readonly mysqlBin?: string;
  readonly user?: string;
  readonly logLevel: string;
};

/** Exit codes and what they mean, for the help and the reference. */
export const STANDALONE_EXIT = {
  done: { code: 0, means: 'stopped as told' },
  failed: { code: 1, means: 'cannot start: a port is taken, the state folder is in use or newer, the disk is full …' },
  usage: { code: 2, means: 'wrong arguments or manifests; every mistake in those is listed' },
} as const;

/** The command line of `npm run standalone`, not parsed yet: the reference is written from it too. */
export function createCommandLine(): Command {
  const state = new Option('--state <folder>', 'where databases and keys are kept');
  return new Command('standalone')
    .description(
      'Run a whole mail cluster on this machine: databases, operator and IMAP servers, from the manifests that kubectl takes.',
    )
    .requiredOption('-f, --filename <file...>', 'manifests: files, folders, or - for standard input')
    .addOption(state.default(defaultStateFolder(process.getuid?.()), DEFAULT_STATE_FOLDERS))
    .option('--host <address>', 'address of the IMAP ports', '127.0.0.1')
    .option('--imap-port <port>', 'port for IMAP with STARTTLS; 0 = any free one', port, 1143)
    .option('--imaps-port <port>', 'port for IMAP over TLS; 0 = any free one', port, 1993)
    .option('--postgres-bin <folder>', 'PostgreSQL 15 or newer to use in place of the embedded 18')
    .option('--mariadb-bin <folder>', `MariaDB 10.11 to 11, for partitions that want it; ${WHERE}`)
    .option('--mysql-bin <folder>', `MySQL 8.4 or newer, for partitions that want it; ${WHERE}`)
    .option('--user <name>', 'whom the processes become when root starts this (default: nobody)')
    .addOption(
      new Option('--log-level <level>', 'least important log line')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addHelpText('after', HELP)
    .exitOverride((error) =>
      process.exit(error.exitCode === 0 ? STANDALONE_EXIT.done.code : STANDALONE_EXIT.usage.code),
    );
}

const WHERE = "default: this machine's, or one fetched from Debian's packages into the cache";

const HELP = `
Examples:
  $ npm run standalone -- -f standalone/example/mail.yaml
  $ npm run standalone -- -f manifests/ --state /srv/mail --host 0.0.0.0 --imap-port 143 --imaps-port 993
  $ cat mail.yaml | npm run standalone -- -f -

Then, in another terminal:
  $ npx imapctl user add ada@example.org
  $ npx imapctl status

Ctrl-C stops everything in order; a second one hurries. The state folder keeps the mail: start again to go on.
Exit codes:
${Object.values(STANDALONE_EXIT)
  .map(({ code, means }) => `  ${code}  ${means}`)
  .join('\n')}`;

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}
