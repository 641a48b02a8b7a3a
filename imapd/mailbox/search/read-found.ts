import type { Attempt } from '../../routing/repository-access.ts';
import type { ContentField, MessageContent } from '../../store/content-store.ts';
import { learntAt, uidList } from '../message-ids.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { Found } from './run-search.ts';

/** How facts of found messages are read. */
export type ReadRun = {
  readonly selected: SelectedMailbox;
  readonly attempt: Attempt;
  /** Called after every batch: so many of so many messages have been read. */
  readonly onProgress: (done: number, of: number) => Promise<void>;
};

export type FoundContent = { readonly message: Found; readonly content: MessageContent };

/**
 * Facts of messages that a search found, which are in ascending order; in the same order, in batches of bounded memory. A
 * message that was expunged and whose content was collected meanwhile is left out.
 */
export async function* readFound(
  found: readonly Found[],
  fields: ReadonlySet<ContentField>,
  { selected, attempt, onProgress }: ReadRun,
): AsyncGenerator<readonly FoundContent[]> {
  const uids = Uint32Array.from(found, ({ uid }) => uid);
  const { store, mailbox, cursor } = selected;
  const request = { mailbox, uids: uidList(uids), fields, ...learntAt(uids, cursor) };
  let at = 0;
  let done = 0;
  for await (const batch of store.readMessages(request, attempt)) {
    yield batch.flatMap((content) => {
      while (at < found.length && (found[at]?.uid ?? 0) < content.uid) at += 1;
      const message = found[at];
      return message === undefined ? [] : { message, content };
    });
    done += batch.length;
    await onProgress(done, found.length);
  }
}
