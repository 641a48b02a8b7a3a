import { loadConfiguration } from '#runtime/configuration.ts';
import { endFailedStart } from '#runtime/end-failed-start.ts';
import { exitWithin, watchForStop } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/logger.ts';
import { readConfigOptions } from '#runtime/program-options.ts';
import { checkConfiguration } from './check-configuration.ts';
import { OperatorConfiguration } from './configuration.ts';
import { loadKubeConfig } from './kubernetes/controllers/process/load-kube-config.ts';
import { OperatorProcess } from './kubernetes/controllers/process/operator-process.ts';

/**
 * The operator on Kubernetes. It may be killed at any moment; what it was doing is in the records, and the next leader goes on.
 * Ends with 0 where it was told to, with 2 where its configuration is at fault, with 3 where its port is
 * taken, with 1 otherwise.
 */
const STOP_WITHIN_MS = 20_000;
const EXIT_FAILED = 1;

async function main(): Promise<void> {
  const { config: file, set } = readConfigOptions({
    name: 'node operator/main.ts',
    description:
      'Looks after the ImapClusters and MailboxPartitions of a Kubernetes cluster. Started by its Deployment.',
  });
  const configuration = await loadConfiguration(file, OperatorConfiguration, set);
  checkConfiguration(configuration, file);
  const log = createLogger({ program: 'operator', level: configuration.logLevel });
  const stop = watchForStop(log);
  const operator = new OperatorProcess({
    configuration,
    kubeConfig: loadKubeConfig(process.env),
    log,
    onStuck: () => {
      log.event('ProcessStopping', { reason: 'what should have stopped with the leadership has not' });
      process.exit(EXIT_FAILED);
    },
  });
  stop.signal.addEventListener('abort', () => {
    log.event('ProcessStopping', { reason: stop.reason() });
    exitWithin(STOP_WITHIN_MS, EXIT_FAILED);
  });
  log.event('ProcessStarted', { port: configuration.listen.port, pod: configuration.identity });
  await operator.run(stop.signal);
  process.exit(0);
}

main().catch((error: unknown) => endFailedStart(createLogger({ program: 'operator' }), error));
