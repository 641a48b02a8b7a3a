import { resolve } from 'node:path';
import { StandaloneError } from './standalone-error.ts';

/** SQLite's number for a disk that is full; the lock of the folder is SQLite's. */
const SQLITE_FULL = 13;

/** A disk that was full while a run was being prepared, as what a person can mend; null for any other error. */
export function spaceMissing(cause: unknown, stateFolder: string): StandaloneError | null {
  if (!(cause instanceof Error)) return null;
  const { code, errcode } = cause as { readonly code?: string; readonly errcode?: number };
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && errcode !== SQLITE_FULL) return null;
  const message = `no disk space left for ${resolve(stateFolder)} (${cause.message}): make room there, or name another folder with --state`;
  return new StandaloneError('DiskFull', message, { cause });
}
