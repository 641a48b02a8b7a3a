import { usesSequences } from '../../mailbox/search/search-plan.ts';
import { threadFound } from '../../mailbox/search/thread/thread-found.ts';
import { threadResponse } from '../../mailbox/search/thread/thread-response.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { findMessages } from './find-messages.ts';
import type { SearchOptions } from './search.ts';
import { searchProgress } from './search-progress.ts';

/** RFC 5256, BASE.6.4.THREAD. Either algorithm can be switched off by itself: see `capabilitiesUsed`. */
export const thread = (options: SearchOptions): CommandHandler<'THREAD'> => ({
  name: 'THREAD',
  states: SELECTED,
  // RFC 7162, 3.2.10.2, as for SEARCH.
  updates: ({ uid, key }) => (uid && !usesSequences(key) ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { output, attempt } = context;
    const selected = SelectedMailbox.of(context.session);
    const onProgress = searchProgress(context, options);
    const searched = await findMessages({ ...command, returns: null }, context, { ...options, onProgress });
    if ('status' in searched) return searched;
    const threads = await threadFound(searched.found, command.algorithm, { selected, attempt, onProgress });
    if (threads === 'tooMuch') return no('There is too much to be compared', 'LIMIT');
    await output.write(threadResponse(threads, command.uid));
    return ok('THREAD completed');
  },
});
