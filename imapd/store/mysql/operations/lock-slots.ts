import { crc32 } from 'node:zlib';
import { ServerError } from '#database/mysql/connection/server-error.ts';
import { errorSets } from '#database/mysql/error-codes.ts';
import { type Connection, rows, type Statement } from '../connection.ts';

/**
 * Locks by name until the end of the transaction, which MariaDB and MySQL do not have: GET_LOCK outlives a ROLLBACK. They are
 * rows of a table that nobody writes (`lock_slot`). Two names may share one: then one waits for the other for nothing.
 *
 * Order of locks everywhere: owners, then mailbox rows ascending by id, then usage of users ascending by name, then readers, then
 * the UIDVALIDITY row, which is one for the whole partition: who waits for one user must not have everybody wait.
 */
const OWNERS = 1_024;
const READERS = 1_024;
/** Of whoever collects, and of salvage, which refers to content by its id. */
export const COLLECTOR = OWNERS + READERS;
/** Numbers from 0: what the migration makes. The last ones are spare. */
export const LOCK_SLOTS = COLLECTOR + 2;

const ownerSlot = (owner: string): number => crc32(owner) % OWNERS;
const readerSlot = (reader: string): number => OWNERS + (crc32(reader) % READERS);

const lock = (name: string, slots: readonly number[]): Statement => ({
  name,
  // By the key and in its order, so that two who want some of the same do not wait for each other in a circle.
  text: 'SELECT slot FROM lock_slot WHERE slot IN (?) ORDER BY slot FOR UPDATE',
  values: [[...new Set(slots)].sort((a, b) => a - b)],
});

/** Whoever changes a user's names (CREATE, DELETE, RENAME, the account itself) does so alone. Several owners: at once, never one by one. */
export const ownerLock = (...owners: readonly string[]): Statement => lock('owner-lock', owners.map(ownerSlot));

/**
 * What mailboxes of others say of users: their private annotations. Their accounts, and what they use, may be in another partition,
 * where nothing of this can be locked.
 */
export const readerLock = (readers: readonly string[]): Statement => lock('reader-lock', readers.map(readerSlot));

export async function lockOwner(tx: Connection, ...owners: readonly string[]): Promise<void> {
  await rows(tx, ownerLock(...owners));
}

export async function lockReaders(tx: Connection, readers: readonly string[]): Promise<void> {
  if (readers.length > 0) await rows(tx, readerLock(readers));
}

/** The collector's, without waiting. False where another has it. */
export async function tryCollectorLock(tx: Connection): Promise<boolean> {
  try {
    const found = await rows(tx, {
      name: 'collector-lock',
      text: `SELECT slot FROM lock_slot WHERE slot = ${COLLECTOR} FOR UPDATE NOWAIT`,
    });
    return found.length > 0;
  } catch (error) {
    // MariaDB gives the number of a wait that took too long, MySQL one of its own.
    if (error instanceof ServerError && errorSets.race.has(error.errno)) return false;
    throw error;
  }
}

/** The same, once nobody else has it. */
export async function lockCollector(tx: Connection): Promise<void> {
  await rows(tx, lock('collector-lock', [COLLECTOR]));
}
