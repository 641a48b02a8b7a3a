import type { MailboxId } from '../../store/types.ts';
import type { ListedName } from '../authenticated/mailbox-selection.ts';
import type { CommandContext } from '../command-handler.ts';
import type { MetadataLine } from './metadata-line.ts';

/** Mailboxes whose annotations are in memory at a time. */
const PAGE = 50;

/** Names of a LIST with the annotations that belong to them (RFC 9590). null: the name is no mailbox. */
export type Annotated = { readonly listed: ListedName; readonly metadata: MetadataLine | null };

/** In pages, in order: values are large and mailboxes many. */
export async function* annotated(
  found: readonly ListedName[],
  entries: readonly string[],
  { session, attempt }: Pick<CommandContext, 'session' | 'attempt'>,
): AsyncGenerator<readonly Annotated[]> {
  const { name: reader, store } = session.user;
  for (let at = 0; at < found.length; at += PAGE) {
    const page = found.slice(at, at + PAGE);
    const mailboxes = page.flatMap(({ listing }) => listing?.state?.id ?? []);
    const values = new Map<MailboxId, Map<string, Buffer>>(mailboxes.map((id) => [id, new Map()]));
    for (const { mailbox, entry, value } of await store.readAnnotations(
      { mailboxes, reader, entries, depth: 0 },
      attempt,
    )) {
      values.get(mailbox)?.set(entry, value);
    }
    yield page.map((listed) => {
      const known = values.get(listed.listing?.state?.id ?? ('' as MailboxId));
      if (known === undefined) return { listed, metadata: null };
      const line = entries.map((entry) => [entry, known.get(entry) ?? null] as const);
      return { listed, metadata: { mailbox: listed.name, values: line } };
    });
  }
}
