import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { annotated } from '../metadata/list-metadata.ts';
import { writeMetadata } from '../metadata/metadata-line.ts';
import { writeResponses } from '../selected/write-responses.ts';
import { useCondstore } from '../use-condstore.ts';
import { type ListLineOptions, writeListLine } from './list-line.ts';
import { ListPattern } from './list-pattern.ts';
import { type ListedName, selectMailboxes } from './mailbox-selection.ts';
import { lookUpDeleted } from './status-line.ts';

/** RFC 3501, 6.3.8, with the options of RFC 5258 (extended), 5819 (STATUS), 6154 (special uses) and 9590 (METADATA). */
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
    const options = { selection, returns, capabilities, deletedOctets, rev2: session.rev2 };
    await writeLines(found, options, context);
    return ok('LIST completed');
  },
});

async function writeLines(
  found: readonly ListedName[],
  options: ListLineOptions,
  context: CommandContext,
): Promise<void> {
  const { metadata } = options.returns;
  if (metadata === null) {
    await writeResponses(context, found, (writer, listed) => writeListLine(writer, listed, options));
    return;
  }
  for await (const page of annotated(found, metadata, context)) {
    await writeResponses(context, page, (writer, each) => {
      writeListLine(writer, each.listed, options);
      if (each.metadata !== null) writeMetadata(writer, each.metadata);
    });
  }
}
