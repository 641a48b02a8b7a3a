import { writeUids } from '../messages/uid-ranges.ts';
import { derivedOperation } from '../operations/derived-operation.ts';
import type { SalvageContext, SalvageResult } from './salvage-context.ts';
import type { FlagRow, KnownMailbox, SourceMailbox } from './salvage-statements.ts';
import { translateKeywords } from './translate-keywords.ts';

const PAGE = 1000;

/**
 * Flags that were changed in the tail, of messages from before it: taken over where the message's mod-sequence says that
 * nobody has touched it since the fork.
 */
export async function salvageFlags<C>(
  context: SalvageContext<C>,
  request: { readonly mailbox: SourceMailbox; readonly fork: KnownMailbox; readonly result: SalvageResult },
): Promise<void> {
  const { mailbox, fork, result } = request;
  const { flags } = context.statements;
  for (let after = 0; ; ) {
    const page = await flags.page(context.source, { mailbox: mailbox.id, after, fork, most: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.uid;
    const step = `flags ${mailbox.id} ${writeUids(page.map((row) => row.uid))} at ${fork.forkModSeq}`;
    // A repeated run finds the operation and changes, and counts, nothing.
    let merged = { changed: 0, skipped: 0 };
    await context.target.mutate(
      derivedOperation(`salvage ${context.member}`, step),
      async (tx) => {
        merged = await merge(tx, context, { mailbox, fork, page });
        return merged;
      },
      context.attempt,
    );
    result.flags += merged.changed;
    result.skipped += merged.skipped;
  }
}

async function merge<C>(
  tx: C,
  { statements }: SalvageContext<C>,
  { mailbox, fork, page }: { mailbox: SourceMailbox; fork: KnownMailbox; page: readonly FlagRow[] },
): Promise<{ changed: number; skipped: number }> {
  const [here] = await statements.mailboxes.lockMailbox(tx, mailbox.id);
  if (here === undefined) return { changed: 0, skipped: page.length };
  const { assigned, masks } = translateKeywords(here.keywords, mailbox.keywords, {
    masks: page.map((row) => BigInt(row.keywords)),
    extra: null,
  });
  await statements.mailboxes.saveKeywords(tx, mailbox.id, assigned);
  const { forkModSeq } = fork;
  return await statements.flags.merge(tx, { mailbox: mailbox.id, rows: page, masks, forkModSeq });
}
