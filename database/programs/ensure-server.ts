import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sharedCacheFolder } from '#runtime/cache/cache-folder.ts';
import { createProgressPrinter } from '#runtime/cache/progress-printer.ts';
import { packagedServers, type ServerName } from './catalogue.ts';
import { debianMirror } from './debian-mirror.ts';
import { fetchPackages } from './fetch-packages.ts';
import { writeLaunchers } from './write-launchers.ts';

/** This machine cannot have the server: `message` says what would help. */
export class ServerUnavailable extends Error {
  override readonly name = 'ServerUnavailable';
}

/** What a running server never opens, below the root. */
const NEEDLESS = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/perl', 'usr/share/lintian', 'var'];

const underWay = new Map<ServerName, Promise<string>>();

/**
 * The folder with the programs of a database server, which may be run by anybody who may read the cache: from there, or fetched
 * from Debian's packages, 15 s and 330 MB each. @throws ServerUnavailable
 */
export function ensureServer(name: ServerName, signal: AbortSignal = new AbortController().signal): Promise<string> {
  const found = underWay.get(name);
  if (found !== undefined) return found;
  const made = ensure(name, signal);
  underWay.set(name, made);
  // Somebody else may have more luck later.
  made.catch(() => underWay.delete(name));
  return made;
}

async function ensure(name: ServerName, signal: AbortSignal): Promise<string> {
  const servers = join(
    sharedCacheFolder(process.env, { uid: process.getuid?.(), home: homedir() }),
    'database-servers',
  );
  const folder = join(servers, `${name}-${await recipe()}`);
  const bin = join(folder, 'bin');
  if (await exists(bin)) return bin;
  const mirror = await debianMirror();
  if (process.arch !== 'x64' || mirror === null) {
    const why = process.arch === 'x64' ? 'no mirror of Debian is named in /etc/apt' : `this is ${process.arch}`;
    throw new ServerUnavailable(`${name} is fetched from Debian's packages for x86-64, and ${why}`);
  }
  await fetch({ name, servers, folder, mirror, signal });
  return bin;
}

type Fetch = {
  readonly name: ServerName;
  readonly servers: string;
  readonly folder: string;
  readonly mirror: string;
  readonly signal: AbortSignal;
};

async function fetch({ name, servers, folder, mirror, signal }: Fetch): Promise<void> {
  const server = packagedServers[name];
  const scratch = join(servers, `unfinished-${randomUUID()}`);
  const printer = createProgressPrinter(process.stderr);
  const say = (text: string): void => printer.live(`${name}: ${text}`);
  const made = join(scratch, 'made');
  try {
    await mkdir(scratch, { recursive: true });
    const { suite, packages } = server;
    await fetchPackages(join(made, 'root'), join(scratch, 'apt'), { mirror, suite, packages, say, signal });
    for (const path of NEEDLESS) await rm(join(made, 'root', path), { recursive: true, force: true });
    await rename(made, folder).catch(orElseThere(folder));
    // The launchers name the place where everything is in the end, and come last: without them it is not there.
    const bin = join(scratch, 'bin');
    await writeLaunchers(join(folder, 'root'), bin, server);
    await rename(bin, join(folder, 'bin')).catch(orElseThere(join(folder, 'bin')));
    printer.line(`${name}: fetched from Debian's packages`);
  } catch (cause) {
    signal.throwIfAborted();
    throw new ServerUnavailable(`${name} could not be fetched from Debian's packages: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Two may fetch the same at the same time: whoever is second throws his own away. */
function orElseThere(path: string): (cause: unknown) => Promise<void> {
  return async (cause) => {
    if (!(await exists(path))) throw cause;
  };
}

/** Anew whenever these files say something else. */
async function recipe(): Promise<string> {
  const files = ['catalogue.ts', 'fetch-packages.ts', 'write-launchers.ts', 'ensure-server.ts'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(import.meta.dirname, file)));
  return hash.digest('hex').slice(0, 12);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Why this machine cannot have the server; null where it has it now. For tests, which say so where they are skipped. */
export async function whyMissing(name: ServerName): Promise<string | null> {
  try {
    await ensureServer(name);
    return null;
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
    return error.message;
  }
}
