import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { MailboxChanges, Store } from '../store.ts';
import { EMPTY_ROWS, type MessageRows, type ModSeq } from '../types.ts';
import { joined, type ReadBy, seenBy, uidsOf } from './marks.ts';
import { marksAmong } from './marks-among.ts';
import type { ReaderTools } from './reader-tools.ts';

export type ViewTools<C> = Pick<Store, 'loadView' | 'loadChanges'> & {
  readonly access: RepositoryAccess<C>;
  readonly tools: Pick<ReaderTools<C>, 'marksSince' | 'marksOf' | 'readRows'>;
};

/**
 * `loadView` for a reader. The marks are read behind the mailbox, not in its snapshot: one that is younger is told with the mod-sequence
 * of the mailbox, so that the next delta, which begins there, tells it again.
 */
export async function loadViewBy<C>(
  { access, tools, loadView }: ViewTools<C>,
  by: ReadBy,
  attempt: Attempt,
): ReturnType<Store['loadView']> {
  const view = await loadView(by.mailbox, attempt);
  if (view === null) return null;
  const marks = await access.read((c) => tools.marksSince(c, { ...by, since: 0 }), attempt);
  return { ...view, rows: seenBy(view.rows, marks, view.state.highestModSeq) };
}

/** `loadChanges` for a reader: what changed for everybody, and what the reader has marked since. */
export async function loadChangesBy<C>(
  { access, tools, loadChanges }: ViewTools<C>,
  { since, ...by }: ReadBy & { readonly since: ModSeq },
  attempt: Attempt,
): Promise<MailboxChanges | null> {
  const changes = await loadChanges(by.mailbox, since, attempt);
  if (changes === null) return null;
  const { state, whole } = changes;
  const rows = await access.read(async (c) => {
    if (whole) return seenBy(changes.rows, await tools.marksSince(c, { ...by, since: 0 }), state.highestModSeq);
    const young = await tools.marksSince(c, { ...by, since });
    // A message that is newer than the state is the next delta's, whoever has marked it already.
    const marked = uidsOf(young).filter((uid) => uid < state.uidNext);
    const known = new Set(uidsOf(changes.rows));
    const uids = marked.filter((uid) => !known.has(uid));
    const others = uids.length === 0 ? EMPTY_ROWS : await tools.readRows(c, { mailbox: by.mailbox, uids });
    return await withMarks(c, tools, { by, rows: joined(changes.rows, others), upTo: state.highestModSeq });
  }, attempt);
  return { ...changes, rows };
}

async function withMarks<C>(
  c: C,
  tools: Pick<ReaderTools<C>, 'marksOf' | 'marksSince'>,
  { by, rows, upTo }: { readonly by: ReadBy; readonly rows: MessageRows; readonly upTo: ModSeq },
): Promise<MessageRows> {
  return rows.count === 0 ? rows : seenBy(rows, await marksAmong(c, tools, { ...by, uids: uidsOf(rows) }), upTo);
}
