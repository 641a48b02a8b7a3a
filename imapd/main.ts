import { loadConfiguration } from '#runtime/configuration.ts';
import { endFailedStart } from '#runtime/end-failed-start.ts';
import { exitWithin, watchForStop } from '#runtime/lifecycle.ts';
import { createLogger, type Logger } from '#runtime/logger.ts';
import { dropPrivileges } from '#runtime/privileges.ts';
import { readConfigOptions } from '#runtime/program-options.ts';
import { ImapdConfiguration } from './configuration.ts';
import { startImapd } from './start-imapd.ts';

/** Beyond the grace that sessions get, for everything else that has to end, ms. */
const LAST_WORDS_MS = 5_000;

/** `node imapd/main.ts --config FILE`: serves IMAP until SIGTERM, SIGINT or the end of its parent. */
async function main(): Promise<void> {
  const { config: file, set } = readConfigOptions({
    name: 'node imapd/main.ts',
    description:
      'Serves IMAP until SIGTERM, SIGINT or the end of its parent. Started by standalone, or alone in a pod.',
  });
  const configuration = await loadConfiguration(file, ImapdConfiguration, set);
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

main().catch((error: unknown) => endFailedStart(createLogger({ program: 'imapd' }), error));
