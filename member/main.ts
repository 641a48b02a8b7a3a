import { chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadConfiguration } from '#runtime/configuration.ts';
import { endFailedStart } from '#runtime/end-failed-start.ts';
import { exitWithin, watchForStop } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/logger.ts';
import { dropPrivileges } from '#runtime/privileges.ts';
import { readConfigOptions } from '#runtime/program-options.ts';
import { Agent } from './agent.ts';
import { MemberConfiguration } from './configuration.ts';
import { Passwords } from './passwords.ts';

/** Longer than the slowest way to stop a server, once it may be stopped. */
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
  const { config: file, set } = readConfigOptions({
    name: 'node member/main.ts',
    description: 'Supervises one database server of a repository. Started by standalone, or alone in a pod.',
  });
  const configuration = await loadConfiguration(file, MemberConfiguration, set);
  const log = createLogger({ program: 'member', level: configuration.logLevel }).child({
    partition: configuration.partition,
    member: configuration.member,
  });
  const passwords = new Passwords(configuration.secretsFile, log);
  const stop = watchForStop(log);
  await prepareFolders(configuration);
  dropPrivileges(configuration.runAs);
  const agent = await Agent.start(configuration, passwords, log);
  log.event('ProcessStarted', { port: configuration.listen.port });
  const end = async (): Promise<void> => {
    exitWithin(configuration.handOver.withinMs + EXIT_MS, 1);
    log.event('ProcessStopping', { reason: stop.reason() });
    await agent.leave();
    await agent.stop();
    process.exit(0);
  };
  if (stop.signal.aborted) await end();
  stop.signal.addEventListener('abort', () => void end(), { once: true });
}

main().catch((error: unknown) => endFailedStart(createLogger({ program: 'member' }), error));
