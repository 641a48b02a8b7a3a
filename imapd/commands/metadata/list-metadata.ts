import { meets, requirementOf } from '../../acl/required-rights.ts';
import { rightsOf, storeOf } from '../../acl/shared-listings.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import type { ListedName } from '../authenticated/mailbox-selection.ts';
import type { CommandContext } from '../command-handler.ts';
import type { MetadataLine } from './metadata-line.ts';

/** Mailboxes that are asked for at a time; of how many the annotations come depends on how large they are. */
const PAGE = 50;

/** Names of a LIST with the annotations that belong to them (RFC 9590). null: the name is no mailbox. */
export type Annotated = { readonly listed: ListedName; readonly metadata: MetadataLine | null };

/** In pages, in order: values are large and mailboxes many. */
export async function* annotated(
  found: readonly ListedName[],
  entries: readonly string[],
  { session, attempt }: Pick<CommandContext, 'session' | 'attempt'>,
): AsyncGenerator<readonly Annotated[]> {
  const { name: reader, store: own } = session.user;
  for (let at = 0; at < found.length; ) {
    const { store, asked } = pageFrom(found, at, own);
    const mailboxes = asked.flatMap(annotatedId);
    const request = { mailboxes, reader, entries, depth: 0, maxSize: null } as const;
    const { annotations, complete } = await store.readAnnotations(request, attempt);
    const read = mailboxes.slice(0, complete);
    const values = new Map<MailboxId, Map<string, Buffer | null>>(read.map((id) => [id, new Map()]));
    for (const { mailbox, entry, value } of annotations) values.get(mailbox)?.set(entry, value);
    const rest = complete < mailboxes.length ? mailboxes[complete] : null;
    const page =
      rest === null
        ? asked
        : asked.slice(
            0,
            asked.findIndex((listed) => annotatedId(listed).includes(rest as MailboxId)),
          );
    at += page.length;
    yield page.map((listed) => {
      const [id] = annotatedId(listed);
      const known = id === undefined ? undefined : values.get(id);
      if (known === undefined) return { listed, metadata: null };
      const line = entries.map((entry) => [entry, known.get(entry) ?? null] as const);
      return { listed, metadata: { mailbox: listed.name, values: line } };
    });
  }
}

/** As many as are asked for at a time: those of one partition. */
function pageFrom(
  found: readonly ListedName[],
  at: number,
  own: Store,
): { readonly store: Store; readonly asked: readonly ListedName[] } {
  const placeOf = ({ listing }: ListedName): Store => (listing === null ? own : storeOf(listing, own));
  const page = found.slice(at, at + PAGE);
  const store = page[0] === undefined ? own : placeOf(page[0]);
  const end = page.findIndex((listed) => placeOf(listed) !== store);
  return { store, asked: end < 0 ? page : page.slice(0, end) };
}

/** The mailbox of a name, if its annotations may be told; an array of one or none. */
const annotatedId = ({ listing }: ListedName): readonly MailboxId[] =>
  listing?.state != null && meets(rightsOf(listing), requirementOf('GETMETADATA', 'named')) ? [listing.state.id] : [];
