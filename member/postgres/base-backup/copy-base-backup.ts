import { Readable } from 'node:stream';
import type { Client } from 'pg';
import type { Progress } from '../../engine.ts';
import type { BackupMessage } from './backup-message.ts';
import { BaseBackupQuery } from './base-backup-query.ts';
import { extractArchive } from './extract-archive.ts';

const ACTIVITY = 'cloning';

/**
 * Copies the whole server behind `replication`, a session of the replication protocol, into `directory`, which is empty.
 * Memory is bounded by one message of the server and one stream buffer.
 *
 * @throws where the source has tablespaces: their paths would be those of the source
 */
export async function copyBaseBackup(replication: Client, directory: string, progress: Progress): Promise<void> {
  let total = 0;
  let resume = (): void => undefined;
  const archive = new Readable({ read: () => resume() });
  const take = (message: BackupMessage, whenDrained: () => void): boolean => {
    resume = whenDrained;
    if (message.kind === 'archive' && message.tablespace !== '') {
      throw new Error(`the source has a tablespace at ${message.tablespace}; a clone cannot have it`);
    }
    if (message.kind === 'progress') progress(ACTIVITY, total === 0 ? null : Math.min(message.bytesDone / total, 1));
    return message.kind === 'data' ? archive.push(message.bytes) : true;
  };
  const query = new BaseBackupQuery({ expect: (bytes) => (total = bytes), take });
  progress(ACTIVITY, null);
  const received = query.done.then(
    () => archive.push(null),
    (error: Error) => archive.destroy(error),
  );
  replication.query(query);
  await Promise.all([extractArchive(archive, directory), received]);
}
