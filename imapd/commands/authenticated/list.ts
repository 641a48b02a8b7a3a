import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { writeResponses } from '../selected/write-responses.ts';
import { useCondstore } from '../use-condstore.ts';
import { writeListLine } from './list-line.ts';
import { ListPattern } from './list-pattern.ts';
import { selectMailboxes } from './mailbox-selection.ts';
import { lookUpDeleted } from './status-line.ts';

/** RFC 3501, 6.3.8, with the options of RFC 5258 (extended), 5819 (STATUS) and 6154 (special uses). */
export const list = (capabilities: Capabilities): CommandHandler<'LIST'> => ({
  name: 'LIST',
  states: SIGNED_IN,
  async run(command, context) {
    const { session, output, attempt } = context;
    // An empty pattern asks for the separator and the root of the reference (RFC 3501, 6.3.8); ours all have the root "".
    if (command.patterns.length === 1 && command.patterns[0] === '') {
      await output.write('* LIST (\\Noselect) "/" ""\r\n');
      return ok('LIST completed');
    }
    const { name, store } = session.user;
    const patterns = command.patterns.map((pattern) => new ListPattern(command.reference, pattern));
    const listings = await store.listMailboxes(name, attempt);
    const { returns, selection } = command;
    if (returns.status?.includes('HIGHESTMODSEQ') === true) await useCondstore(context);
    const found = selectMailboxes(listings, { patterns, selection });
    const states = found.flatMap(({ listing }) => listing?.state ?? []);
    const deletedOctets = await lookUpDeleted(store, { items: returns.status ?? [], states }, context);
    await writeResponses(context, found, (writer, listed) =>
      writeListLine(writer, listed, { selection, returns, capabilities, deletedOctets }),
    );
    return ok('LIST completed');
  },
});
