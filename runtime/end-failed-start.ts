import { ConfigurationError } from './configuration.ts';
import type { Logger } from './logger.ts';
import { EXIT_PORT_TAKEN, EXIT_USAGE } from './program-options.ts';

/** Says why a program could not start and ends it: with 2 where its configuration is at fault, with 3 where a port is taken, else with 1. */
export function endFailedStart(log: Logger, cause: unknown): never {
  const error: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
  if (error instanceof ConfigurationError) {
    log.event('ConfigurationInvalid', {}, error.message);
    process.exit(EXIT_USAGE);
  }
  // A port below 1024 without the right to it counts as taken: by the system.
  if (error.syscall === 'listen' || error.syscall === 'bind') {
    log.event('PortTaken', {}, `cannot listen: ${error.message}`);
    process.exit(EXIT_PORT_TAKEN);
  }
  log.event('Unexpected', { error: error.message, stack: error.stack });
  process.exit(1);
}
