import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerKind } from '#database/programs/catalogue.ts';

const run = promisify(execFile);

/** Nothing of our own environment reaches a server. */
export const serverEnvironment: Readonly<Record<string, string>> = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

export const serverProgram: Readonly<Record<ServerKind, string>> = { mariadb: 'mariadbd', mysql: 'mysqld' };

export type CreateData = {
  readonly kind: ServerKind;
  /** The folder with the server's program. */
  readonly bin: string;
  /** Empty, or not there yet. */
  readonly data: string;
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined;
  /** More options for the server, as on its command line: those that a data directory keeps. */
  readonly options?: readonly string[];
  readonly signal?: AbortSignal | undefined;
};

/**
 * Makes an empty data directory: system tables, and `root` without a password on this machine alone. No anonymous user, no
 * database `test`.
 *
 * @throws Error in the server's words
 */
export async function createData(request: CreateData): Promise<void> {
  if (request.kind === 'mysql') await initializeMysql(request);
  else await bootstrapMariadb(request);
}

async function initializeMysql({ bin, data, options = [], runAs, signal }: CreateData): Promise<void> {
  const args = ['--no-defaults', '--initialize-insecure', `--datadir=${data}`, '--log-error-verbosity=1', ...options];
  await run(join(bin, serverProgram.mysql), args, { ...runAs, env: serverEnvironment, signal }).catch(
    (cause: Error & { readonly stderr?: string }) => {
      signal?.throwIfAborted();
      throw new Error(`mysqld --initialize: ${lastWords(cause.stderr ?? cause.message)}`, { cause });
    },
  );
}

const ERRORS = 5;
/** What is in each of them has other names in other versions. */
const SCRIPTS = ['system_tables', 'performance_tables', 'system_tables_data'] as const;
/** Accounts by the name that the machine has at this moment. */
const OF_THIS_HOST = /@current_hostname/;

/** As `mariadb-install-db` does, which is a script for a shell and fills in texts of help that nobody reads here. */
async function bootstrapMariadb({ bin, data, options = [], runAs, signal }: CreateData): Promise<void> {
  const program = join(bin, serverProgram.mariadb);
  const scripts = await Promise.all(SCRIPTS.map(async (name) => await script(await shareFolder(program), name)));
  const head = 'CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n';
  const text = head + scripts.join('\n');
  const args = [
    '--no-defaults',
    '--bootstrap',
    `--datadir=${data}`,
    // It removes whatever temporary tables are there, those of other servers too.
    `--tmpdir=${data}`,
    '--log-warnings=0',
    '--skip-networking',
    ...options,
  ];
  const server = spawn(program, [...args, '--enforce-storage-engine=', '--max-allowed-packet=8M'], {
    ...runAs,
    env: { ...serverEnvironment },
    stdio: ['pipe', 'ignore', 'pipe'],
    signal,
  });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (piece: string) => {
    log = `${log}${piece}`.slice(-10_000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.once('close', (code) => {
    if (code === 0) resolve();
    else reject(new Error(`mariadbd --bootstrap: ${lastWords(log)}`));
  });
  // It may end before it has read everything; why is in its log.
  server.stdin.on('error', () => undefined);
  const lines = text.split('\n').filter((line) => !OF_THIS_HOST.test(line));
  server.stdin.end(`${lines.join('\n')}\nFLUSH PRIVILEGES;\n`);
  await promise;
}

/** Where the server keeps the scripts, in its own words. */
async function shareFolder(program: string): Promise<string> {
  const { stdout } = await run(program, ['--no-defaults', '--verbose', '--help'], {
    env: serverEnvironment,
    maxBuffer: 16 * 1_024 * 1_024,
  });
  const found = /^character-sets-dir\s+(\S+)$/m.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`${program} does not tell where its character sets are`);
  return join(found, '..');
}

async function script(folder: string, name: (typeof SCRIPTS)[number]): Promise<string> {
  const older = join(folder, `mysql_${name}.sql`);
  return await readFile(join(folder, `mariadb_${name}.sql`), 'utf8').catch(() => readFile(older, 'utf8'));
}

/** Servers end with "Aborting", and say before that why. */
function lastWords(log: string): string {
  const lines = log.trim().split('\n');
  const errors = lines.filter((line) => /\bERROR\b/.test(line));
  return (errors.length > 0 ? errors.slice(-ERRORS) : lines.slice(-1)).join('\n');
}
