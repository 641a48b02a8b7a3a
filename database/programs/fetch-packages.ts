import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const DEADLINE_MS = 15 * 60_000;

export type PackageRequest = {
  readonly mirror: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Told now and then what goes on. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/**
 * Debian's packages with all that they need, unpacked below `root`: nothing is installed, no script of theirs runs, and no root
 * is needed. `apt-get` works on a state of its own in `scratch`, which knows of no installed package.
 *
 * @throws Error in the words of the program that failed
 */
export async function fetchPackages(root: string, scratch: string, request: PackageRequest): Promise<void> {
  const { suite, packages, say, signal } = request;
  const environment = await privateApt(scratch, request);
  const apt = async (...args: string[]): Promise<void> => {
    await told('apt-get', args, { env: { ...process.env, ...environment }, signal });
  };
  say(`reading the list of Debian's packages (${suite})`);
  await apt('--quiet', '--error-on=any', 'update');
  say(`downloading ${packages.join(', ')}`);
  await apt('--quiet', '--yes', '--download-only', 'install', ...packages);
  const archives = join(scratch, 'cache/archives');
  const names = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  await mkdir(root, { recursive: true });
  for (const [i, name] of names.entries()) {
    say(`unpacking ${i + 1} of ${names.length}`);
    await told('dpkg-deb', ['--extract', join(archives, name), root], { env: process.env, signal });
  }
}

/** What `apt-get` takes for the whole machine. */
async function privateApt(
  scratch: string,
  { mirror, suite }: PackageRequest,
): Promise<{ readonly APT_CONFIG: string; readonly LC_ALL: string }> {
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'keys'])
    await mkdir(join(scratch, folder), { recursive: true });
  const path = (name: string): string => join(scratch, name);
  await writeFile(path('state/status'), '');
  // A copy: what the machine's own file may be read by is the machine's business.
  await copyFile(KEYRING, path('keys/debian.gpg'));
  await writeFile(path('sources.list'), `deb [signed-by=${path('keys/debian.gpg')}] ${mirror} ${suite} main\n`);
  const settings = {
    'Dir::State': path('state'),
    'Dir::State::status': path('state/status'),
    'Dir::Cache': path('cache'),
    'Dir::Etc::sourcelist': path('sources.list'),
    'Dir::Etc::sourceparts': '-',
    // A mirror that lags behind would be refused.
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Languages': 'none',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'Debug::NoLocking': 'true',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(path('apt.conf'), lines.join(''));
  return { APT_CONFIG: path('apt.conf'), LC_ALL: 'C.UTF-8' };
}

async function told(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await run(program, args, { ...options, timeout: DEADLINE_MS, maxBuffer: 64 * 1_024 * 1_024 });
  } catch (cause) {
    options.signal.throwIfAborted();
    const { message, stderr = '' } = cause as Error & { readonly stderr?: string };
    const words = stderr.split('\n').findLast((line) => line.startsWith('E:') || line.includes('error')) ?? message;
    throw new Error(`${program}: ${words}`, { cause });
  }
}
