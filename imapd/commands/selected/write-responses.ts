import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Output } from '../../session/output.ts';

/** Octets gathered before they are handed to the connection: one system call for many lines, and bounded memory. */
const PIECE = 16_384;

/** Writes one response, or several, for each item, waiting whenever the client reads slower. */
export async function writeResponses<T>(
  output: Output,
  items: Iterable<T>,
  write: (writer: ResponseWriter, item: T) => void,
): Promise<void> {
  const writer = new ResponseWriter();
  for (const item of items) {
    write(writer, item);
    if (writer.length > PIECE) await output.write(writer.take());
  }
  if (writer.length > 0) await output.write(writer.take());
}
