import { ServerError } from '#database/mysql/connection/server-error.ts';

/**
 *   busy        the donor is being copied by somebody else, or is busy with what forbids it: this passes
 *   interrupted the donor ended what it had begun to send, as it does to one of two that ask for a copy at the same moment
 *   impossible  not from this donor to this server: their versions, machines, plug-ins or settings differ
 *   diskFull    here
 *   failed      anything else
 */
export type CloneFailure = 'busy' | 'interrupted' | 'impossible' | 'diskFull' | 'failed';

/** Of `CLONE INSTANCE` (`mysqld_error.h`). */
const DDL_IN_PROGRESS = 3633;
const TOO_MANY = 3634;
/** What the donor says, its own number in the text. */
const BY_DONOR = 3862;
const DONORS = /^.*Clone Donor Error: (\d+) :/s;
const INTERRUPTED = 1317;
const DISK_SPACE = 3873;
const IMPOSSIBLE = new Set([
  // Version, operating system, processor, character set, settings twice, plug-ins, itself, encryption.
  3864, 3865, 3866, 3867, 3868, 3869, 3870, 3871, 3872,
  // A right is missing; the plug-in is.
  1227, 1524,
]);

export function cloneFailure(error: unknown): CloneFailure {
  if (!(error instanceof ServerError)) return 'failed';
  const errno = error.errno === BY_DONOR ? Number(DONORS.exec(error.message)?.[1] ?? BY_DONOR) : error.errno;
  if (errno === TOO_MANY || errno === DDL_IN_PROGRESS) return 'busy';
  if (errno === INTERRUPTED && error.errno === BY_DONOR) return 'interrupted';
  if (errno === DISK_SPACE) return 'diskFull';
  return IMPOSSIBLE.has(errno) ? 'impossible' : 'failed';
}
