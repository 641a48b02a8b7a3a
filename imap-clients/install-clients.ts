import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MailClient } from './mail-client.ts';
import { answers, findClient } from './support/find-client.ts';
import { runProgram } from './support/run-program.ts';

const INSTALL_MS = 600_000;

/**
 * Brings every client that is missing: Debian packages, as root, and into the cache what has to be built.
 * @throws Error where one cannot be had
 */
export async function installClients(clients: readonly MailClient[], say: (text: string) => void): Promise<void> {
  const found = await Promise.all(clients.map(findClient));
  const missing = clients.filter((_, n) => found[n]?.found === false);
  const lacking = await Promise.all(missing.map(lackedPackages));
  const packages = [...new Set(lacking.flat())];
  if (packages.length > 0) {
    say(`apt-get install ${packages.join(' ')}`);
    await installPackages(packages);
  }
  for (const { name, build } of missing) {
    if (build === undefined) continue;
    say(`${name}: into ${build.folder}`);
    await mkdir(dirname(build.folder), { recursive: true });
    // What an interrupted run has left.
    await rm(build.folder, { recursive: true, force: true });
    await build.make();
  }
}

async function lackedPackages({ packages, build }: MailClient): Promise<readonly string[]> {
  return build !== undefined && (await answers(build.needs)) !== null ? [] : packages;
}

async function installPackages(packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error(`only root can do that: sudo apt-get install ${packages.join(' ')}`);
  const options = { folder: '/', deadlineMs: INSTALL_MS, environment: { DEBIAN_FRONTEND: 'noninteractive' } };
  await runProgram(['apt-get', 'update', '--quiet'], options);
  await runProgram(['apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', ...packages], options);
}
