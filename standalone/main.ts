import { createLogger, type Logger } from '#runtime/logger.ts';
import { type CommandLineOptions, createCommandLine, STANDALONE_EXIT } from './command-line.ts';
import { loadManifests, type Manifests } from './manifests/load-manifests.ts';
import { ManifestSourceError, readManifestSources } from './manifests/manifest-source.ts';
import { formatMistake } from './manifests/mistake.ts';
import { spaceMissing } from './space-missing.ts';
import { StandaloneError } from './standalone-error.ts';
import { type Standalone, startStandalone } from './start-standalone.ts';
import { waitsFor } from './waits-for.ts';

/** `npm run standalone -- -f FILE…`: a whole mail cluster on one machine. */
const EXIT_USAGE = STANDALONE_EXIT.usage.code;
/** A start that takes longer than this is explained, and so again. */
const PATIENCE_MS = 15_000;

await main(createCommandLine().parse().opts<CommandLineOptions>());

async function main(options: CommandLineOptions): Promise<void> {
  const log = createLogger({ program: 'standalone', level: options.logLevel });
  const manifests = await readManifests(options.filename, log);
  const told = hearSignals();
  const { signal } = told.stop;
  try {
    const asked = { ...options, manifests, stateFolder: options.state, log, signal };
    const standalone = await startStandalone(asked).catch(endIfTold(signal));
    await live(standalone, told, log);
    standalone.hopeless.throwIfAborted();
    process.exit(STANDALONE_EXIT.done.code);
  } catch (cause) {
    const error = spaceMissing(cause, options.state) ?? cause;
    if (!(error instanceof StandaloneError)) throw error;
    log.event(error.code, {}, error.message);
    process.exit(error.code === 'ConfigurationInvalid' ? EXIT_USAGE : STANDALONE_EXIT.failed.code);
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

/** Of a start that was given up as told: nothing was started. */
function endIfTold(signal: AbortSignal): (cause: unknown) => never {
  return (cause) => {
    if (signal.aborted && cause === signal.reason) process.exit(STANDALONE_EXIT.done.code);
    throw cause;
  };
}

type Told = { readonly stop: AbortController; readonly hurry: AbortController };

/** The first signal asks to stop, the second hurries, the third goes. */
function hearSignals(): Told {
  const stop = new AbortController();
  const hurry = new AbortController();
  const heard = (): void => {
    if (hurry.signal.aborted) process.exit(1);
    if (stop.signal.aborted) hurry.abort();
    stop.abort(new Error('told to stop'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  return { stop, hurry };
}

/** Until a signal, or until there is no hope, then until everything has ended. */
async function live(standalone: Standalone, { stop, hurry }: Told, log: Logger): Promise<void> {
  standalone.hopeless.addEventListener('abort', () => stop.abort(standalone.hopeless.reason), { once: true });
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
}

/** Says when everything serves, and until then, now and again, what it waits for. Rejects when the signal fires. */
async function announceServing(standalone: Standalone, signal: AbortSignal, log: Logger): Promise<void> {
  const { imap, imaps } = standalone;
  const impatient = setInterval(() => {
    standalone.status().then(
      (status) => log.event('NotServing', {}, `Not serving yet. ${waitsFor(status)}`),
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
