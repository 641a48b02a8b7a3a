import { parseArgs } from 'node:util';
import { ConfigurationError, loadConfiguration } from '#runtime/configuration.ts';
import { exitWithin, watchForStop } from '#runtime/lifecycle.ts';
import { createLogger, type Logger } from '#runtime/logger.ts';
import { dropPrivileges } from '#runtime/privileges.ts';
import { ImapdConfiguration } from './configuration.ts';
import { startImapd } from './start-imapd.ts';

/** Beyond the grace that sessions get, for everything else that has to end, ms. */
const LAST_WORDS_MS = 5_000;
const WRONG_USAGE = 2;

/** `node imapd/main.ts --config FILE`: serves IMAP until SIGTERM, SIGINT or the end of its parent. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new ConfigurationError('usage: node imapd/main.ts --config FILE');
  const configuration = await loadConfiguration(values.config, ImapdConfiguration);
  const log = createLogger({ program: 'imapd', level: configuration.logLevel }).child({ pod: configuration.pod });
  const stop = watchForStop(log);
  const imapd = await startImapd(configuration, log);
  dropPrivileges(configuration.runAs);
  const { adminPort, imapPort, imapsPort } = imapd;
  log.event('ProcessStarted', { adminPort, imapPort, imapsPort });
  process.send?.({ type: 'ready', pod: configuration.pod, adminPort });
  await aborted(stop.signal);
  log.event('ProcessStopping', { reason: stop.reason() });
  exitWithin(configuration.sessions.drainGraceMs + LAST_WORDS_MS);
  await imapd.stop();
  leave(log);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Everything is closed; what still holds the event loop (the channel to a supervisor) holds it for no good. */
function leave(log: Logger): void {
  log.debug({}, 'stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  const log = createLogger({ program: 'imapd' });
  if (error instanceof ConfigurationError) {
    log.event('ConfigurationInvalid', { error: error.message });
    process.exit(WRONG_USAGE);
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const taken = code === 'EADDRINUSE' || code === 'EACCES';
  const details = error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) };
  log.event(taken ? 'PortTaken' : 'Unexpected', details);
  process.exit(1);
});
