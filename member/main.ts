import { chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigurationError, loadConfiguration } from '#runtime/configuration.ts';
import { exitWithin, watchForStop } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/logger.ts';
import { dropPrivileges } from '#runtime/privileges.ts';
import { Agent } from './agent.ts';
import { MemberConfiguration } from './configuration.ts';
import { MemberSecrets } from './secrets.ts';

/** Longer than the slowest way to stop a server. */
const EXIT_MS = 20_000;
const PRIVATE_FOLDER = 0o700;

/** Folders that the unprivileged user is to own. */
async function prepareFolders(configuration: MemberConfiguration): Promise<void> {
  const { dataDirectory, socketDirectory } = configuration.server;
  for (const folder of new Set([dirname(dataDirectory), socketDirectory])) {
    await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
    if (configuration.runAs !== null && process.getuid?.() === 0) {
      await chown(folder, configuration.runAs.uid, configuration.runAs.gid);
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new ConfigurationError('usage: node member/main.ts --config FILE');
  const configuration = await loadConfiguration(values.config, MemberConfiguration);
  const secrets = await loadConfiguration(configuration.secretsFile, MemberSecrets);
  const log = createLogger({ program: 'member', level: configuration.logLevel }).child({
    partition: configuration.partition,
    member: configuration.member,
  });
  const stop = watchForStop(log);
  await prepareFolders(configuration);
  dropPrivileges(configuration.runAs);
  const agent = await Agent.start(configuration, secrets, log);
  log.event('ProcessStarted', { port: configuration.listen.port });
  const end = async (): Promise<void> => {
    exitWithin(EXIT_MS, 1);
    log.event('ProcessStopping', { reason: stop.reason() });
    await agent.stop();
    process.exit(0);
  };
  if (stop.signal.aborted) await end();
  stop.signal.addEventListener('abort', () => void end(), { once: true });
}

main().catch((error: NodeJS.ErrnoException) => {
  const log = createLogger({ program: 'member' });
  const known = error instanceof ConfigurationError ? 'ConfigurationInvalid' : 'Unexpected';
  log.event(error.code === 'EADDRINUSE' ? 'PortTaken' : known, { error: error.message });
  process.exit(1);
});
