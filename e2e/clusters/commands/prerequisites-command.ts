import { runCommand } from '../process/run-command.ts';
import { explainMissing, MissingPrerequisites, missingPrerequisites } from '../programs/prerequisites.ts';

const INSTALL_MS = 600_000;

/**
 * `npm run cluster -- prerequisites [--install]`: says what the machine lacks for the local provider and the end-to-end tests on it; with --install, as root
 * on Debian, installs what packages bring.
 * @throws MissingPrerequisites for what is still missing
 */
export async function prerequisitesCommand({ install }: { readonly install: boolean }): Promise<void> {
  const names = ['go', 'cgo', 'local', 'databaseImages'] as const;
  const missing = await missingPrerequisites(names);
  if (install && missing.length > 0) {
    const { packages } = new MissingPrerequisites(missing);
    process.stdout.write(`${explainMissing(missing)}\n`);
    if (packages.length > 0) await installPackages([...new Set(packages)]);
  }
  const still = await missingPrerequisites(names);
  if (still.length > 0) throw new MissingPrerequisites(still);
  process.stdout.write('everything that the local provider and the tests on it need is here\n');
}

async function installPackages(packages: readonly string[]): Promise<void> {
  const options = { deadlineMs: INSTALL_MS, environment: { DEBIAN_FRONTEND: 'noninteractive' } };
  await runCommand(['apt-get', 'update', '--quiet'], options);
  await runCommand(['apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', ...packages], options);
}
