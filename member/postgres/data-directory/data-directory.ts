import { randomUUID } from 'node:crypto';
import { access, chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { roles } from '#database/roles.ts';
import type { DataState, Posture } from '../../engine.ts';
import { hostBasedAccess } from '../settings/host-based-access.ts';
import { postureSettings } from '../settings/posture-settings.ts';
import { type ServerAddress, serverSettings } from '../settings/server-settings.ts';
import { renderSettings } from '../settings/settings-file.ts';
import { type ControlFile, parseControlFile } from './control-file.ts';

const POSTURE_FILE = 'imapcluster.conf';
const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Lines of postmaster.pid, counted from 0 (`LOCK_FILE_LINE_*` in miscadmin.h). */
const PID_LINE = 0;
const STATUS_LINE = 7;

export type DataDirectoryOptions = {
  readonly path: string;
  readonly member: string;
  readonly database: string;
  readonly address: ServerAddress;
  readonly parameters: Readonly<Record<string, string>>;
  /** For the server's own connections to its upstream. */
  readonly replicationPassword: () => string;
};

/** The files of one PostgreSQL server. Those we configure by are written whole each time: a clone brings another's along. */
export class DataDirectory {
  readonly #options: DataDirectoryOptions;

  constructor(options: DataDirectoryOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Where data is made until it is complete. */
  get incoming(): string {
    return `${this.path}.incoming`;
  }

  get passwordFile(): string {
    return `${this.path}.pgpass`;
  }

  async inspect(): Promise<DataState> {
    if (!(await exists(join(this.path, 'global', 'pg_control')))) return 'empty';
    return (await exists(join(this.path, 'standby.signal'))) ? 'replica' : 'primary';
  }

  async turnInto(role: 'primary' | 'replica'): Promise<void> {
    const signal = join(this.path, 'standby.signal');
    if (role === 'replica') await writeFile(signal, '', { mode: PRIVATE });
    else await rm(signal, { force: true });
    await flush(this.path);
  }

  async readControlFile(): Promise<ControlFile> {
    return parseControlFile(await readFile(join(this.path, 'global', 'pg_control')));
  }

  /** Process and status as the server itself notes them; null where no server has noted anything. */
  async readServerNote(): Promise<{ pid: number; status: string } | null> {
    const text = await readFile(join(this.path, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    const lines = text.split('\n');
    return { pid: Number(lines[PID_LINE]), status: (lines[STATUS_LINE] ?? '').trim() };
  }

  /** A new, empty folder to make data in. */
  async prepareIncoming(): Promise<string> {
    await this.clearUnfinished();
    await mkdir(this.incoming, { recursive: true, mode: PRIVATE_FOLDER });
    await chmod(this.incoming, PRIVATE_FOLDER);
    return this.incoming;
  }

  async clearUnfinished(): Promise<void> {
    await rm(this.incoming, { recursive: true, force: true });
  }

  /** What was made becomes the data directory, in one step. */
  async adoptIncoming(): Promise<void> {
    await rename(this.incoming, this.path);
    await flush(dirname(this.path));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await this.clearUnfinished();
  }

  /** Writes all configuration. @returns the generation that a server that has read it shows */
  async writeConfiguration(posture: Posture, majorVersion: number): Promise<string> {
    const { member, database, address, parameters } = this.#options;
    const generation = randomUUID();
    const context = { member, passwordFile: this.passwordFile, generation };
    const settings = renderSettings(serverSettings(address, parameters, majorVersion));
    await Promise.all([
      this.writePasswordFile(),
      this.#replace(join(this.path, 'pg_hba.conf'), hostBasedAccess(posture.access, database)),
      this.#replace(join(this.path, 'postgresql.conf'), `${settings}include '${POSTURE_FILE}'\n`),
      // Read last by the server: what ALTER SYSTEM left here, or on the clone's source, would win over all of it.
      this.#replace(join(this.path, 'postgresql.auto.conf'), ''),
      this.#replace(join(this.path, 'pg_ident.conf'), ''),
    ]);
    // The last: whoever shows its generation has found the others.
    await this.#replace(join(this.path, POSTURE_FILE), renderSettings(postureSettings(posture, context)));
    return generation;
  }

  /** Read by the server each time it connects to its upstream. */
  async writePasswordFile(): Promise<void> {
    const password = escapePassword(this.#options.replicationPassword());
    await this.#replace(this.passwordFile, `*:*:*:${roles.replication}:${password}\n`);
  }

  /** What a server noted that is no more. In a new container its process number may be somebody else's by now. */
  async removeServerNote(): Promise<void> {
    const { socketDirectory, port } = this.#options.address;
    const socket = join(socketDirectory, `.s.PGSQL.${port}`);
    // The lock beside the socket outlives a lost host as the note does: a pod keeps its folders.
    for (const left of [join(this.path, 'postmaster.pid'), `${socket}.lock`, socket]) await rm(left, { force: true });
  }

  async #replace(path: string, content: string): Promise<void> {
    const aside = `${path}.new`;
    await writeFile(aside, content, { mode: PRIVATE });
    await rename(aside, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** libpq's password file: a colon or backslash in a field is escaped. */
const escapePassword = (password: string): string => password.replace(/[\\:]/g, '\\$&');
