import { bigIntToLsn } from '#database/postgres/lsn.ts';

export type ControlFile = {
  readonly systemIdentifier: string;
  /** A primary shut down in order: the record of its last checkpoint is the last thing in its log. */
  readonly primaryShutDown: boolean;
  /** Where the record of the last checkpoint begins. */
  readonly checkpoint: string;
  readonly timeline: number;
};

const DB_SHUTDOWNED = 1;
const LENGTH = 56;

/**
 * Reads the head of `global/pg_control`, which has been the same from PostgreSQL 9.3 to 18 (`ControlFileData` in
 * pg_control.h, little endian on every machine we run on). The npm package has no pg_controldata.
 *
 *   0 system_identifier u64 · 16 state u32 · 32 checkPoint u64 · 40 checkPointCopy.redo u64 · 48 .ThisTimeLineID u32
 */
export function parseControlFile(bytes: Buffer): ControlFile {
  if (bytes.length < LENGTH) throw new RangeError(`pg_control has ${bytes.length} bytes`);
  return {
    systemIdentifier: bytes.readBigUInt64LE(0).toString(),
    primaryShutDown: bytes.readUInt32LE(16) === DB_SHUTDOWNED,
    checkpoint: bigIntToLsn(bytes.readBigUInt64LE(32)),
    timeline: bytes.readUInt32LE(48),
  };
}
