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

export type SearchOptions = {
  readonly capabilities: Capabilities;
  readonly now: () => Date;
  readonly progressMs?: number;
};

/** RFC 3501, 6.4.4; ESEARCH: RFC 4731; MODSEQ: RFC 7162, 3.1.5; OLDER and YOUNGER: RFC 5032. */
export const search = (options: SearchOptions): CommandHandler<'SEARCH'> => ({
  name: 'SEARCH',
  states: SELECTED,
  // RFC 7162, 3.2.10.2: numbers in a UID SEARCH must not move either.
  updates: ({ uid, key }) => (uid && !usesSequences(key) ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { session, output, tag, attempt } = context;
    const selected = SelectedMailbox.of(session);
    const modSeq = usesModSeq(command.key);
    if (modSeq) await useCondstore(context);
    const onProgress = progressNotice(context, options);
    const found = await runSearch(command.key, { selected, attempt, now: options.now(), onProgress });
    await output.write(searchResponse({ tag, uid: command.uid, returns: command.returns, found, modSeq }));
    return ok('SEARCH completed');
  },
});

function progressNotice(
  { tag, output }: CommandContext,
  { capabilities, progressMs = PROGRESS_MS }: SearchOptions,
): (done: number, of: number) => Promise<void> {
  let last = performance.now();
  return async (done, of) => {
    if (performance.now() - last < progressMs) return;
    last = performance.now();
    const code = capabilities.has('INPROGRESS') ? `[INPROGRESS ("${tag}" ${done} ${of})] ` : '';
    await output.write(`* OK ${code}Still searching\r\n`);
  };
}
