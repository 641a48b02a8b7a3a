import { ResponseWriter } from '../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from './command-handler.ts';
import { ok } from './completion.ts';
import { writeLsubLine } from './list-line.ts';
import { ListPattern } from './list-pattern.ts';
import { selectSubscriptions } from './mailbox-selection.ts';

/** Octets gathered before they are handed to the connection. */
const PIECE = 16_384;

/** RFC 3501, 6.3.9. */
export const lsub: CommandHandler<'LSUB'> = {
  name: 'LSUB',
  states: SIGNED_IN,
  async run(command, { session, output, attempt }) {
    const { name, store } = session.user;
    const pattern = new ListPattern(command.reference, command.pattern);
    const writer = new ResponseWriter();
    for (const listed of selectSubscriptions(await store.listMailboxes(name, attempt), pattern)) {
      writeLsubLine(writer, listed);
      if (writer.length > PIECE) await output.write(writer.take());
    }
    await output.write(writer.take());
    return ok('LSUB completed');
  },
};
