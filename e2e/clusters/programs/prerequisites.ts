import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Check, type CheckName, checks } from './prerequisite-table.ts';

const run = promisify(execFile);

/** What the machine lacks; the message says how to get it. */
export class MissingPrerequisites extends Error {
  override readonly name = 'MissingPrerequisites';
  /** Debian packages that would bring it, where packages do. */
  readonly packages: readonly string[];

  constructor(missing: readonly Check[]) {
    super(explainMissing(missing));
    this.packages = missing.flatMap(({ packages }) => packages);
  }
}

/**
 * Looks for what cannot be built from Go modules.
 * @throws MissingPrerequisites with everything that is missing at once
 */
export async function requirePrerequisites(names: readonly CheckName[]): Promise<void> {
  const missing = await missingPrerequisites(names);
  if (missing.length > 0) throw new MissingPrerequisites(missing);
}

export async function missingPrerequisites(names: readonly CheckName[]): Promise<readonly Check[]> {
  const asked: readonly Check[] = names.flatMap((name) => checks[name]);
  const present = await Promise.all(asked.map(isPresent));
  return asked.filter((_, index) => present[index] === false);
}

/** Pure. */
export function explainMissing(missing: readonly Check[]): string {
  const lines = missing.map(({ what, why }) => `  ${what}: ${why}`);
  const packages = [...new Set(missing.flatMap((check) => check.packages))];
  const others = missing.flatMap(({ otherwise }) => (otherwise === undefined ? [] : [`  ${otherwise}`]));
  return [
    'this machine lacks:',
    ...lines,
    ...(packages.length === 0 ? [] : [`On Debian or Ubuntu: apt-get install ${packages.join(' ')}`]),
    ...others,
  ].join('\n');
}

async function isPresent({ probe }: Check): Promise<boolean> {
  switch (probe.kind) {
    case 'program':
      return await isOnPath(probe.name);
    case 'command':
      return await run(probe.command[0], probe.command.slice(1)).then(
        () => true,
        () => false,
      );
    case 'root':
      return process.getuid?.() === 0;
    case 'linux':
      return process.platform === 'linux';
  }
}

async function isOnPath(name: string): Promise<boolean> {
  // Where a user's PATH leaves out the administrator's folders, the program is found there all the same.
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  const listings = await Promise.all(folders.map((folder) => readdir(folder).catch((): string[] => [])));
  return listings.some((listing) => listing.includes(name));
}
