import { readFile } from 'node:fs/promises';
import type { JWK } from 'jose';
import { type Operator, startOperator } from '#operator/core.ts';
import { crashAt } from '#operator/failover/steps/crash-point.ts';
import { defaultTuning } from '#operator/tuning.ts';
import { loadConfiguration } from '#runtime/configuration.ts';
import { endFailedStart } from '#runtime/end-failed-start.ts';
import { exitWithin, type Stop, watchForStop } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/logger.ts';
import { dropPrivileges } from '#runtime/privileges.ts';
import { readConfigOption } from '#runtime/program-options.ts';
import { serveHealth } from '#runtime/serve-health.ts';
import { OperatorConfiguration } from './operator/configuration.ts';
import { standalonePorts } from './operator/standalone-ports.ts';
import { linkToSupervisor } from './operator/supervisor-link.ts';

/**
 * The operator of a standalone run: the same core as on Kubernetes, over files and the supervisor. It may be killed at
 * any moment; what it was doing is in the records, and the next one goes on.
 */
const STOP_WITHIN_MS = 5_000;

async function main(): Promise<void> {
  const file = readConfigOption({
    name: 'node standalone/operator-process.ts',
    description: 'The operator of a standalone run. Started by the supervisor, which it cannot do without.',
  });
  const configuration = await loadConfiguration(file, OperatorConfiguration);
  const log = createLogger({ program: 'operator', level: configuration.logLevel });
  const stop = watchForStop(log);
  const signingKey = await readSigningKey(configuration.signingKeyFile);
  dropPrivileges(configuration.runAs);
  log.event('ProcessStarted');
  const started = Promise.withResolvers<Operator>();
  const { link, pods } = linkToSupervisor(() => started.promise);
  const tuning = { ...defaultTuning, ...configuration.tuning };
  const { ports, members } = standalonePorts({ configuration, signingKey, tuning, link, pods, log });
  let ready = false;
  const health = await serveHealth(configuration.listen, { registry: ports.metrics, ready: () => ready });
  const { crashPoint, spec } = configuration;
  const operator = await startOperator(ports, {
    spec,
    tuning,
    crashPoint: crashPoint === null ? undefined : crashAt(crashPoint),
  });
  ready = true;
  started.resolve(operator);
  await stopped(stop);
  log.event('ProcessStopping', { reason: stop.reason() });
  exitWithin(STOP_WITHIN_MS);
  await health.close();
  await operator.stop();
  members.close();
  process.exit(0);
}

async function readSigningKey(file: string): Promise<JWK> {
  const { privateJwk } = JSON.parse(await readFile(file, 'utf8')) as { readonly privateJwk: JWK };
  return privateJwk;
}

async function stopped({ signal }: Stop): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}

main().catch((error: unknown) => endFailedStart(createLogger({ program: 'operator' }), error));
