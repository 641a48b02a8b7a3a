import { usesModSeq, usesSequences } from '../../mailbox/search/search-plan.ts';
import { searchResponse } from '../../mailbox/search/search-response.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { ReturnOptions } from '../../protocol/searching/return-options.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SELECTED } from '../command-handler.ts';
import { bad, type Completion, ok } from '../completion.ts';
import { findMessages, notSaved, saveFound } from './find-messages.ts';
import { type KeepUpLimits, keepUp, tagInUse } from './keep-up.ts';
import { partly } from './message-limit.ts';
import { type ProgressOptions, searchProgress } from './search-progress.ts';

export type SearchOptions = ProgressOptions &
  KeepUpLimits & {
    /** What OLDER and YOUNGER count from. */
    readonly now: () => Date;
  };

/** What is told where nothing was asked for. */
export const EVERYTHING: ReturnOptions = {
  items: ['ALL'],
  save: false,
  update: false,
  updateFetch: [],
  context: false,
  partial: null,
};

/**
 * RFC 3501, 6.4.4; ESEARCH: RFC 4731; SAVE and `$`: RFC 5182; MODSEQ: RFC 7162, 3.1.5; OLDER and YOUNGER: RFC 5032; UPDATE:
 * RFC 5267, 4.3; CHARSET: RFC 6855, 3; limit: RFC 9738.
 */
export const search = (options: SearchOptions): CommandHandler<'SEARCH'> => ({
  name: 'SEARCH',
  states: SELECTED,
  // RFC 7162, 3.2.10.2: numbers in a UID SEARCH must not move either.
  updates: ({ uid, key }) => (uid && !usesSequences(key) ? 'all' : 'noExpunge'),
  async run(command, context) {
    const { now, capabilities } = options;
    const mistake = tagInUse(command, context) ?? charsetMistake(command, context);
    if (mistake !== null) return mistake;
    const searched = await findMessages(command, context, {
      ...{ now, capabilities, onProgress: searchProgress(context, options) },
    });
    if ('status' in searched) return searched;
    const { found, code } = searched;
    if (!saveFound(found, command, SelectedMailbox.of(context.session))) return notSaved;
    const { uid, key } = command;
    // RFC 9051, 6.4.4: ESEARCH is the only answer, of everything where nothing was asked for.
    const returns = command.returns ?? (context.session.rev2 ? EVERYTHING : null);
    const answer = { name: command.name, tag: context.tag, uid, returns, found };
    const response = searchResponse({ ...answer, modSeq: usesModSeq(key) });
    if (response !== '') await context.output.write(response);
    await keepUp(command, searched, { limits: options, context });
    return partly(ok('SEARCH completed'), code, context.output);
  },
});

/** RFC 6855, 3. */
export function charsetMistake(
  { namesCharset }: Pick<CommandOf<'SEARCH'>, 'namesCharset'>,
  { session }: CommandContext,
): Completion | null {
  return namesCharset && session.utf8 ? bad('After ENABLE UTF8=ACCEPT a search is in UTF-8') : null;
}
