import { Impossible } from '#database/impossible.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { readSemiSync } from '#database/mysql/replication/semi-sync.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import type { ServedCopy } from '../../engine.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { ServerPrograms } from '../server-programs.ts';
import { type BackupPrograms, backupPrograms } from './backup-programs.ts';
import { type BackupRequest, backupStream } from './backup-stream.ts';
import { endCopySessions } from './copy-account.ts';

export type ServeBackup = Pick<BackupRequest, 'admin'> & {
  readonly programs: ServerPrograms;
  readonly data: Pick<DataDirectory, 'path' | 'socketPath' | 'lent'>;
};

type Making = { readonly programs: BackupPrograms; readonly locked: boolean };

/** Copies of the server that runs here, by MariaDB's own program. */
export class ServingBackups {
  readonly #request: ServeBackup;
  /** Ends the one that is made, if one is. */
  #making: AbortController | null = null;

  constructor(request: ServeBackup) {
    this.#request = request;
  }

  /** @throws Impossible `CloneUnavailable` where the program is not there */
  async serve(signal: AbortSignal): Promise<ServedCopy> {
    const { programs: server, admin } = this.#request;
    const programs = await backupPrograms(server.server);
    if (programs === null) {
      throw new Impossible('CloneUnavailable', `there is no mariadb-backup beside ${server.server}`);
    }
    const serverVersion = await server.version();
    const { octets, locked } = await admin(signal, look);
    return { begin: { serverVersion, octets, locked }, pieces: this.#pieces({ programs, locked }, signal) };
  }

  /**
   * Gives up the copy that is made. What changes replication, or who is let in, would wait for its last moment; whoever is to have the
   * copy asks anew.
   */
  async giveUp(signal: AbortSignal): Promise<void> {
    if (this.#making === null) return;
    this.#making.abort(new Error('the server is told something else: the copy is given up'));
    // A server that waits for a lock notices only after a second that nobody is there any more.
    await this.#request.admin(signal, endCopySessions);
  }

  async *#pieces({ programs, locked }: Making, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { admin, data } = this.#request;
    const { path: dataDirectory, socketPath, lent: aside } = data;
    const over = new AbortController();
    const limit = AbortSignal.any([signal, over.signal]);
    this.#making = over;
    try {
      const pieces = backupStream({ programs, locked, admin, dataDirectory, socketPath, aside }, limit);
      yield* locked ? pieces : stillHeld(pieces, this.#request, limit);
    } finally {
      if (this.#making === over) this.#making = null;
    }
  }
}

/** What a copy tells that was taken in the midst of commits holds only while none of them gets on. */
async function* stillHeld(
  pieces: AsyncIterable<Buffer>,
  { admin }: ServeBackup,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  yield* pieces;
  const { locked } = await admin(signal, look);
  if (locked) throw new Error('commits went on again while the copy was made without holding them');
}

async function look(admin: MysqlConnection): Promise<{ readonly octets: number | null; readonly locked: boolean }> {
  const [row] = await rowsOf<{ readonly octets: number | null }>(admin, {
    name: 'octets',
    text: 'SELECT CAST(SUM(file_size) AS SIGNED) AS octets FROM information_schema.innodb_sys_tablespaces',
  });
  const { required, replicas } = await readSemiSync(admin);
  // Commits wait for a replica, and there is none: they could not be held before they are done, perhaps by this very copy.
  return { octets: row?.octets ?? null, locked: required === 0 || replicas > 0 };
}
