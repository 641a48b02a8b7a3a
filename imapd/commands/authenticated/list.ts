import { allListings, isShared, rightsOf, storeOf } from '../../acl/shared-listings.ts';
import type { Sharing } from '../../acl/sharing.ts';
import type { StatusItem } from '../../protocol/status-item.ts';
import type { MailboxListing } from '../../store/mailbox-state.ts';
import type { MailboxId } from '../../store/types.ts';
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
import { lookUpDeleted, lookUpUnseen } from './status-line.ts';

/**
 * RFC 3501, 6.3.8, with the options of RFC 5258 (extended), 5819 (STATUS), 6154 (special uses), 8440 (MYRIGHTS) and 9590
 * (METADATA).
 */
export const list = (capabilities: Capabilities, sharing: Sharing): CommandHandler<'LIST'> => ({
  name: 'LIST',
  states: SIGNED_IN,
  async run(command, context) {
    const { session, output } = context;
    // An empty pattern asks for the separator and the root of the reference (RFC 3501, 6.3.8); ours all have the root "".
    if (command.patterns.length === 1 && command.patterns[0] === '') {
      await output.write('* LIST (\\Noselect) "/" ""\r\n');
      return ok('LIST completed');
    }
    const patterns = command.patterns.map((pattern) => new ListPattern(command.reference, pattern));
    const { listings, incomplete } = await allListings(sharing, patterns, context);
    const { returns, selection } = command;
    if (returns.status?.includes('HIGHESTMODSEQ') === true) await useCondstore(context);
    const found = selectMailboxes(listings, { patterns, selection });
    const deletedOctets = await deletedOf(found, returns.status ?? [], context);
    const unseen = await unseenOf(
      found,
      { items: returns.status ?? [], reader: sharing.readerOf(session.user) },
      context,
    );
    const options = { selection, returns, capabilities, deletedOctets, unseen, rev2: session.rev2 };
    await writeLines(found, options, context);
    if (incomplete !== null) await output.write(NOT_ALL[incomplete]);
    return ok('LIST completed');
  },
});

const NOT_ALL = {
  unavailable: '* NO [UNAVAILABLE] Some mailboxes of others cannot be told at the moment\r\n',
  limit: '* NO [LIMIT] There are more mailboxes of others than are listed\r\n',
};

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

/** UNSEEN of mailboxes of others, each partition for its own. */
async function unseenOf(
  found: readonly ListedName[],
  asked: { readonly items: readonly StatusItem[]; readonly reader: string | null },
  context: CommandContext,
): Promise<ReadonlyMap<MailboxId, number>> {
  if (asked.reader === null) return new Map();
  const byStore = Map.groupBy(readable(found).filter(isShared), ({ store }) => store);
  const looked = Array.from(byStore, ([store, each]) =>
    lookUpUnseen(store, { ...asked, mailboxes: each.flatMap(({ state }) => state?.id ?? []) }, context),
  );
  return new Map((await Promise.all(looked)).flatMap((unseen) => [...unseen]));
}

/** DELETED-STORAGE, each partition for its own. */
async function deletedOf(
  found: readonly ListedName[],
  items: readonly StatusItem[],
  context: CommandContext,
): Promise<ReadonlyMap<MailboxId, number>> {
  const own = context.session.user.store;
  const byStore = Map.groupBy(readable(found), (listing) => storeOf(listing, own));
  const looked = Array.from(byStore, ([store, each]) =>
    lookUpDeleted(store, { items, states: each.flatMap(({ state }) => state ?? []) }, context),
  );
  return new Map((await Promise.all(looked)).flatMap((octets) => [...octets]));
}

const readable = (found: readonly ListedName[]): MailboxListing[] =>
  found.flatMap(({ listing }) => (listing !== null && rightsOf(listing).has('r') ? [listing] : []));
