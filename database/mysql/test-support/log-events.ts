import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Of those that are told apart here. */
const TYPES: Readonly<Record<number, string>> = {
  2: 'Query',
  16: 'Xid',
  19: 'Table_map',
  23: 'Write_rows',
  24: 'Update_rows',
  25: 'Delete_rows',
  30: 'Write_rows',
  31: 'Update_rows',
  32: 'Delete_rows',
  33: 'Gtid',
  40: 'Transaction_payload',
  160: 'Annotate_rows',
  162: 'Gtid',
};

/** The place in a log, as `SHOW MASTER STATUS` and `SHOW BINARY LOG STATUS` say it. */
export type LogPlace = { readonly File: string; readonly Position: number };

const HEADER = 19;
const TYPE_AT = 4;
const LENGTH_AT = 9;

/**
 * The events from one place to another in the same file, as they lie there, each with which a replica may sync: `SHOW BINLOG EVENTS` shows
 * what is within a compressed one.
 */
export async function loggedEvents(folder: string, from: LogPlace, to: LogPlace): Promise<readonly string[]> {
  if (from.File !== to.File) throw new Error(`another file was begun: ${to.File}`);
  await using file = await open(join(folder, from.File));
  const types: string[] = [];
  const header = Buffer.alloc(HEADER);
  for (let at = Number(from.Position); at < Number(to.Position); at += header.readUInt32LE(LENGTH_AT)) {
    const { bytesRead } = await file.read(header, 0, HEADER, at);
    if (bytesRead < HEADER) throw new Error(`${from.File} ends at ${at}`);
    const type = header.readUInt8(TYPE_AT);
    types.push(TYPES[type] ?? `type ${type}`);
  }
  return types;
}
