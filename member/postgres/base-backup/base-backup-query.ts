import type { Connection } from 'pg';
import { type BackupMessage, parseBackupMessage } from './backup-message.ts';

const QUERY = "BASE_BACKUP (LABEL 'imapcluster', PROGRESS true, CHECKPOINT 'fast', WAL true, MANIFEST 'no')";

export type BackupSink = {
  /** Size of the whole backup in bytes, as far as the server can estimate it. */
  readonly expect: (bytes: number) => void;
  /** Takes a message. False: take no more until `resume` is called. */
  readonly take: (message: BackupMessage, resume: () => void) => boolean;
};

/**
 * BASE_BACKUP as a query of `pg`: result set (where the backup starts), result set (tablespaces), one copy-out, result
 * set (where it ends). `pg` has the messages; what it lacks is holding back a server that sends faster than the disk
 * writes, so the socket is paused here.
 */
export class BaseBackupQuery {
  readonly #sink: BackupSink;
  readonly #done = Promise.withResolvers<void>();
  #failure: Error | null = null;
  #connection: Connection | null = null;
  #resultSets = 0;

  constructor(sink: BackupSink) {
    this.#sink = sink;
  }

  /** The end of the backup, or why it failed. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    connection.query(QUERY);
  }

  handleRowDescription(): void {
    this.#resultSets += 1;
  }

  /** Row of the second set: tablespace id, its path, its size in kilobytes. */
  handleDataRow(message: { fields: (string | null)[] }): void {
    const kilobytes = message.fields[2];
    if (this.#resultSets === 2 && kilobytes != null) this.#sink.expect(Number(kilobytes) * 1024);
  }

  handleCopyData(message: { chunk: Buffer }): void {
    if (this.#failure !== null) return;
    try {
      // `pg` uses its buffer again for what comes next.
      const parsed = parseBackupMessage(Buffer.from(message.chunk));
      const socket = this.#connection?.stream;
      if (!this.#sink.take(parsed, () => socket?.resume())) socket?.pause();
    } catch (error) {
      this.#failure = error as Error;
      this.#connection?.stream.destroy(this.#failure);
    }
  }

  handleCommandComplete(): void {
    // Three of them; only ReadyForQuery says that all is done.
  }

  handleReadyForQuery(): void {
    if (this.#failure === null) this.#done.resolve();
    else this.#done.reject(this.#failure);
  }

  /** After an error of the server ReadyForQuery still comes; after one of the connection it does not. */
  handleError(error: Error): void {
    this.#failure ??= error;
    this.#done.reject(this.#failure);
  }
}
