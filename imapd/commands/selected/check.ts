import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { type CommandHandler, SELECTED } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 3501, 6.4.1. Nothing waits to be written down here; the client is told what is new, as by NOOP. */
export const check: CommandHandler<'CHECK'> = {
  name: 'CHECK',
  states: SELECTED,
  async run(_, { session }) {
    await SelectedMailbox.of(session).refresh();
    return ok('CHECK completed');
  },
};
