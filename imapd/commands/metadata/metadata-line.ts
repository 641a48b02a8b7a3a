import type { ResponseWriter } from '../../protocol/response-writer.ts';

/** `mailbox` null: of the server. A value that is null does not exist. */
export type MetadataLine = {
  readonly mailbox: string | null;
  readonly values: readonly (readonly [entry: string, value: Buffer | null])[];
};

/** One METADATA response with values (RFC 5464, 4.4.1). */
export function writeMetadata(writer: ResponseWriter, { mailbox, values }: MetadataLine): void {
  writer.raw('* METADATA ');
  if (mailbox === null) writer.raw('""');
  else writer.mailbox(mailbox);
  writer.raw(' (');
  for (const [i, [entry, value]] of values.entries()) {
    if (i > 0) writer.space();
    writer.astring(entry).space();
    if (value?.includes(0) === true) writer.raw(`~{${value.length}}\r\n`).bytes(value);
    else writer.nstring(value);
  }
  writer.raw(')').crlf();
}
