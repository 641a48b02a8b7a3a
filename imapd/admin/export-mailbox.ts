import type { Attempt } from '../routing/repository-access.ts';
import type { ContentField, MessageContent } from '../store/content-store.ts';
import type { Store } from '../store/store.ts';
import type { MailboxId, Uid } from '../store/types.ts';
import { mboxrdEntry } from './mboxrd.ts';

/** Messages up to this size come in batches, larger ones one by one in pieces. */
const BATCHED_UP_TO = 256 * 1024;
const FIELDS: ReadonlySet<ContentField> = new Set(['internalDate', 'size', 'raw']);

/** A mailbox as an mboxrd file, in bounded memory. What is expunged meanwhile is left out. */
export async function* exportMailbox(store: Store, mailbox: MailboxId, attempt: Attempt): AsyncGenerator<Buffer> {
  const view = await store.loadView(mailbox, attempt);
  if (view === null) return;
  const uids = [...view.rows.uids.subarray(0, view.rows.count)] as Uid[];
  const request = { mailbox, uids, fields: FIELDS, rawUpTo: BATCHED_UP_TO };
  for await (const batch of store.readMessages(request, attempt)) {
    for (const message of batch) {
      const raw = rawOf(store, { mailbox, message }, attempt);
      yield* mboxrdEntry(raw, message.internalDate ?? new Date(0));
    }
  }
}

async function* rawOf(
  store: Store,
  { mailbox, message }: { readonly mailbox: MailboxId; readonly message: MessageContent },
  attempt: Attempt,
): AsyncGenerator<Buffer> {
  if (message.raw !== undefined) yield message.raw;
  else yield* store.readRaw({ mailbox, uid: message.uid, offset: 0, length: message.size ?? 0 }, attempt);
}
