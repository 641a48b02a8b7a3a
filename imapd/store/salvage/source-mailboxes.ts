import type { SalvageContext } from './salvage-context.ts';
import type { SourceMailbox } from './salvage-statements.ts';

const PAGE = 500;

/** All mailboxes of the old primary, in pages, each with its fork. */
export async function* sourceMailboxes<C>(context: SalvageContext<C>): AsyncGenerator<readonly SourceMailbox[]> {
  const { source, target, attempt, forkEpoch } = context;
  const { mailboxes } = context.statements;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const page = await mailboxes.page(source, { after, most: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
    const ids = page.map(({ id }) => id);
    const here = await target.read((c) => mailboxes.known(c, ids, forkEpoch), attempt);
    yield page.map((mailbox) => ({ ...mailbox, here: here.get(mailbox.id) ?? null }));
  }
}
