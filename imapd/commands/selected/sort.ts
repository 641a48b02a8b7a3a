import { usesModSeq, usesSequences } from '../../mailbox/search/search-plan.ts';
import { searchResponse } from '../../mailbox/search/search-response.ts';
import { sortFound } from '../../mailbox/search/sort-found.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { findMessages, notSaved, saveFound } from './find-messages.ts';
import { keepUp, tagInUse } from './keep-up.ts';
import type { SearchOptions } from './search.ts';
import { searchProgress } from './search-progress.ts';

/** RFC 5256, BASE.6.4.SORT; ESORT: RFC 5267, 3; DISPLAYFROM and DISPLAYTO: RFC 5957; MODSEQ: RFC 7162, 7. */
export const sort = (options: SearchOptions): CommandHandler<'SORT'> => ({
  name: 'SORT',
  states: SELECTED,
  capability: 'SORT',
  // RFC 7162, 3.2.10.2, as for SEARCH.
  updates: ({ uid, key }) => (uid && !usesSequences(key) ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { tag, output, attempt } = context;
    const mistake = tagInUse(command, context);
    if (mistake !== null) return mistake;
    const selected = SelectedMailbox.of(context.session);
    const onProgress = searchProgress(context, options);
    const searched = await findMessages(command, context, { ...options, onProgress });
    if ('status' in searched) return searched;
    const sorted = await sortFound(searched.found, command.criteria, { selected, attempt, onProgress });
    if (sorted === 'tooMuch') return no('There is too much to be compared', 'LIMIT');
    if (!saveFound(sorted, command, selected)) return notSaved;
    const { name, uid, returns, key } = command;
    const response = searchResponse({ name, tag, uid, returns, found: sorted, modSeq: usesModSeq(key) });
    if (response !== '') await output.write(response);
    await keepUp(command, { ...searched, found: sorted }, { limits: options, context });
    return ok('SORT completed');
  },
});
