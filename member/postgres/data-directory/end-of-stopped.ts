import { bigIntToLsn, lsnToBigInt } from '#database/postgres/lsn.ts';
import type { OwnEnd } from '#database/postgres/replication/divergence.ts';
import type { ControlFile } from './control-file.ts';

/** Where the log of a stopped server ends, as its control file tells. */
export function endOfStopped({ checkpoint, systemIdentifier, timeline, primaryShutDown }: ControlFile): OwnEnd {
  // One byte into the record of the shutdown checkpoint: an upstream without that record does not reach so far.
  const last = bigIntToLsn(lsnToBigInt(checkpoint) + 1n);
  return { systemIdentifier, timeline, position: last, exact: primaryShutDown };
}
