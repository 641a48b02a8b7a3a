import { allListings } from '../../acl/shared-listings.ts';
import type { Sharing } from '../../acl/sharing.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { writeResponses } from '../selected/write-responses.ts';
import { writeLsubLine } from './list-line.ts';
import { ListPattern } from './list-pattern.ts';
import { selectSubscriptions } from './mailbox-selection.ts';

/** RFC 3501, 6.3.9. */
export const lsub = (sharing: Sharing): CommandHandler<'LSUB'> => ({
  name: 'LSUB',
  states: SIGNED_IN,
  async run(command, context) {
    const pattern = new ListPattern(command.reference, command.pattern);
    const { listings } = await allListings(sharing, [pattern], context);
    await writeResponses(context, selectSubscriptions(listings, pattern), writeLsubLine);
    return ok('LSUB completed');
  },
});
