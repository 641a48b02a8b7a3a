import { runSearch } from '../../mailbox/search/run-search.ts';
import { usesModSeq, usesSequences } from '../../mailbox/search/search-plan.ts';
import { searchResponse } from '../../mailbox/search/search-response.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, SELECTED } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';

/** How often a client is told that its search goes on (RFC 9585). */
const PROGRESS_MS = 5000;

/** RFC 3501, 6.4.4; ESEARCH: RFC 4731; MODSEQ: RFC 7162, 3.1.5. */
export const search = (capabilities: Capabilities, progressMs = PROGRESS_MS): CommandHandler<'SEARCH'> => ({
  name: 'SEARCH',
  states: SELECTED,
  // RFC 7162, 3.2.10.2: numbers in a UID SEARCH must not move either.
  updates: ({ uid, key }) => (uid && !usesSequences(key) ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { session, output, tag, attempt } = context;
    const selected = SelectedMailbox.of(session);
    const modSeq = usesModSeq(command.key);
    if (modSeq) await useCondstore(context);
    const onProgress = progressNotice(context, { inProgress: capabilities.has('INPROGRESS'), progressMs });
    const found = await runSearch(command.key, { selected, attempt, onProgress });
    await output.write(searchResponse({ tag, uid: command.uid, returns: command.returns, found, modSeq }));
    return ok('SEARCH completed');
  },
});

function progressNotice(
  { tag, output }: CommandContext,
  { inProgress, progressMs }: { readonly inProgress: boolean; readonly progressMs: number },
): (done: number, of: number) => Promise<void> {
  let last = performance.now();
  return async (done, of) => {
    if (performance.now() - last < progressMs) return;
    last = performance.now();
    const code = inProgress ? `[INPROGRESS ("${tag}" ${done} ${of})] ` : '';
    await output.write(`* OK ${code}Still searching\r\n`);
  };
}
