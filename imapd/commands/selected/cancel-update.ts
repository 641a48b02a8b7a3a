import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { bad, ok } from '../completion.ts';

/** RFC 5267, 4.3.5. */
export const cancelUpdate: CommandHandler<'CANCELUPDATE'> = {
  name: 'CANCELUPDATE',
  states: SELECTED,
  capability: 'CONTEXT=SEARCH',
  async run({ tags }, { session }) {
    const { contexts } = SelectedMailbox.of(session);
    const unknown = tags.filter((tag) => !contexts.cancel(tag));
    if (unknown.length > 0) return bad('No search of that tag is kept up; those of the other tags are not any more');
    return ok('CANCELUPDATE completed');
  },
};
