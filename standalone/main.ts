import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultStateFolder } from '#contract/control-api.ts';
import { createLogger, type Logger } from '#runtime/logger.ts';
import { loadManifests, type Manifests } from './manifests/load-manifests.ts';
import { ManifestSourceError, readManifestSources } from './manifests/manifest-source.ts';
import { formatMistake } from './manifests/mistake.ts';
import { spaceMissing } from './space-missing.ts';
import { StandaloneError } from './standalone-error.ts';
import { type Standalone, startStandalone } from './start-standalone.ts';

/** `npm run standalone -- -f FILE…`: a whole mail cluster on one machine. */
const EXIT_USAGE = 2;
/** A start that takes longer than this is explained, and so again. */
const PATIENCE_MS = 15_000;

type Options = {
  readonly filename: readonly string[];
  readonly state: string;
  readonly host: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly postgresBin?: string;
  readonly user?: string;
  readonly logLevel: string;
};

const program = new Command('standalone')
  .description(
    'Run a whole mail cluster on this machine: databases, operator and IMAP servers, from the manifests that kubectl takes.',
  )
  .requiredOption('-f, --filename <file...>', 'manifests: files, folders, or - for standard input')
  .option('--state <folder>', 'where databases and keys are kept', defaultStateFolder(process.getuid?.()))
  .option('--host <address>', 'address of the IMAP ports', '127.0.0.1')
  .option('--imap-port <port>', 'port for IMAP with STARTTLS; 0 = any free one', port, 1143)
  .option('--imaps-port <port>', 'port for IMAP over TLS; 0 = any free one', port, 1993)
  .option('--postgres-bin <folder>', 'PostgreSQL 15 or newer to use in place of the embedded 18')
  .option('--user <name>', 'whom the processes become when root starts this (default: nobody)')
  .addOption(
    new Option('--log-level <level>', 'least important log line')
      .choices(['debug', 'info', 'warn', 'error'])
      .default('info'),
  )
  .addHelpText(
    'after',
    `
Examples:
  $ npm run standalone -- -f standalone/example/mail.yaml
  $ npm run standalone -- -f manifests/ --state /srv/mail --host 0.0.0.0 --imap-port 143 --imaps-port 993
  $ cat mail.yaml | npm run standalone -- -f -

Then, in another terminal:
  $ npx imapctl user add ada@example.org
  $ npx imapctl status

Ctrl-C stops everything in order; a second one hurries. The state folder keeps the mail: start again to go on.
Exit codes: 0 stopped as told, 1 cannot start, 2 wrong arguments or manifests.`,
  )
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .parse();

await main(program.opts<Options>());

async function main(options: Options): Promise<void> {
  const log = createLogger({ program: 'standalone', level: options.logLevel });
  const manifests = await readManifests(options.filename, log);
  try {
    const standalone = await startStandalone({ ...options, manifests, stateFolder: options.state, log });
    await live(standalone, log);
  } catch (cause) {
    const error = spaceMissing(cause, options.state) ?? cause;
    if (!(error instanceof StandaloneError)) throw error;
    log.event(error.code, {}, error.message);
    process.exit(error.code === 'ConfigurationInvalid' ? EXIT_USAGE : 1);
  }
}

/** Ends the process with exit code 2 where anything is wrong. */
async function readManifests(names: readonly string[], log: Logger): Promise<Manifests> {
  try {
    const loaded = loadManifests(await readManifestSources(names, process.stdin));
    if (loaded.ok) {
      for (const warning of loaded.warnings) process.stderr.write(`warning: ${formatMistake(warning)}\n`);
      return loaded.manifests;
    }
    const files = new Set(loaded.mistakes.map(({ file }) => file)).size;
    const count = loaded.mistakes.length;
    const lines = loaded.mistakes.map(formatMistake).join('\n');
    process.stderr.write(
      `${lines}\n${count} mistake${count === 1 ? '' : 's'} in ${files} file${files === 1 ? '' : 's'}\n`,
    );
  } catch (error) {
    if (!(error instanceof ManifestSourceError)) throw error;
    log.event('ConfigurationInvalid', {}, error.message);
  }
  process.exit(EXIT_USAGE);
}

/** Until a signal, then until everything has ended. The first asks, the second hurries, the third goes. */
async function live(standalone: Standalone, log: Logger): Promise<void> {
  const stop = new AbortController();
  const hurry = new AbortController();
  const heard = (): void => {
    if (hurry.signal.aborted) process.exit(1);
    if (stop.signal.aborted) hurry.abort();
    stop.abort(new Error('told to stop'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  const { imap, imaps, stateFolder } = standalone;
  log.event('ProcessStarted', { imap, imaps, stateFolder }, `Starting; state is kept in ${stateFolder}.`);
  announceServing(standalone, stop.signal, log).catch((error: Error) => {
    if (!stop.signal.aborted) log.event('Unexpected', { error: error.stack });
  });
  if (!stop.signal.aborted) {
    const { promise, resolve } = Promise.withResolvers<void>();
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }
  log.event('ProcessStopping', {}, 'Stopping: sessions, operator, databases. Again to hurry.');
  await standalone.stop(hurry.signal);
  process.exit(0);
}

/** Says when everything serves, and until then, now and again, what it waits for. Rejects when the signal fires. */
async function announceServing(standalone: Standalone, signal: AbortSignal, log: Logger): Promise<void> {
  const { imap, imaps } = standalone;
  const impatient = setInterval(() => {
    standalone.status().then(
      ({ waiting, operatorProblem }) => log.event('NotServing', { waiting, operatorProblem }),
      (error: Error) => log.debug({ error: error.message }, 'no status'),
    );
  }, PATIENCE_MS);
  try {
    await standalone.serving(signal);
  } finally {
    clearInterval(impatient);
  }
  const where = `Serving IMAP on ${imap.host}:${imap.port}, TLS on ${imaps.port}.`;
  log.event('ProcessStarted', { imap, imaps }, where);
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}
