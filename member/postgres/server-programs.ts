import { execFile } from 'node:child_process';
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Impossible } from '#database/impossible.ts';
import { roles } from '#database/roles.ts';
import { failsForSpace } from '../supervisor/disk-verdict.ts';

const run = promisify(execFile);

/** Nothing of our own environment reaches a server: its locale and passwords come from files. */
export const serverEnvironment: Readonly<Record<string, string>> = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/**
 * Of the log's files; servers made before have 16. At a change of primary nobody writes while the new one copies its file, and each
 * replica fills one with zeros (0.1 s less with a quarter of it, measured).
 */
const SEGMENT_MIB = 4;

/** The programs that come with a PostgreSQL server. */
export class ServerPrograms {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  /** For example "18.4". */
  async version(): Promise<string> {
    const { stdout } = await run(this.path('postgres'), ['--version'], { env: { ...serverEnvironment } });
    const version = /(\d+\.\d+|\d+\w*)/.exec(stdout)?.[1];
    if (version === undefined) throw new Error(`${this.path('postgres')} does not tell its version: ${stdout.trim()}`);
    return version;
  }

  /** Makes an empty server in `directory`. The password goes through a file that only we may read. */
  async initialize(directory: string, password: string, signal: AbortSignal): Promise<void> {
    const passwordFile = `${directory}.password`;
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    const args = ['--pgdata', directory, '--username', roles.admin, '--pwfile', passwordFile];
    const segments = `--wal-segsize=${SEGMENT_MIB}`;
    const choices = [
      segments,
      '--auth=scram-sha-256',
      '--data-checksums',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ];
    try {
      await run(this.path('initdb'), [...args, ...choices], { env: { ...serverEnvironment }, signal });
    } catch (cause) {
      throw failed('initdb', cause);
    } finally {
      await rm(passwordFile, { force: true });
    }
  }

  /** @throws Impossible `RewindUnavailable` where this server came without pg_rewind */
  async rewind(directory: string, source: string, signal: AbortSignal): Promise<void> {
    const program = this.path('pg_rewind');
    await access(program).catch((cause: Error) => {
      throw new Impossible('RewindUnavailable', `there is no ${program}: clone instead`, { cause });
    });
    const args = ['--target-pgdata', directory, '--source-server', source];
    await run(program, args, { env: { ...serverEnvironment }, signal }).catch((cause: unknown) => {
      throw failed('pg_rewind', cause);
    });
  }
}

/** In the program's own words, the worst of them where there are such: the command line, which comes first, tells nobody. */
function failed(program: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name === 'AbortError' || !('stderr' in cause)) return cause;
  const stderr = String(cause.stderr).trim();
  if (stderr === '') return cause;
  const lines = stderr.split('\n');
  const worst = lines.find(failsForSpace) ?? lines.find((line) => /\b(?:PANIC|FATAL|error):/.test(line));
  return new Error(`${program}: ${worst ?? stderr}`, { cause });
}
