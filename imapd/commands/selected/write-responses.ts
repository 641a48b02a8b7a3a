import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { CommandContext } from '../command-handler.ts';

/** Octets gathered before they are handed to the connection: one system call for many lines, and bounded memory. */
const PIECE = 16_384;

/** Writes one response, or several, for each item, waiting whenever the client reads slower. */
export async function writeResponses<T>(
  { output, session }: Pick<CommandContext, 'output' | 'session'>,
  items: Iterable<T>,
  write: (writer: ResponseWriter, item: T) => void,
): Promise<void> {
  const writer = new ResponseWriter(session.mailboxNames);
  for (const item of items) {
    write(writer, item);
    if (writer.length > PIECE) await output.write(writer.take());
  }
  if (writer.length > 0) await output.write(writer.take());
}
