import { SOUGHT_SUBJECT, SOUGHT_TEXT } from '../mails.ts';
import type { Operation } from '../operation.ts';

/** The unit is a message that was looked at, found or not. */
export const searching: readonly Operation[] = [
  {
    name: 'search-flags',
    what: 'SEARCH UNSEEN',
    unit: 'messages',
    atLeast: 1,
    async once({ inbox, filled }) {
      await inbox.command('SEARCH UNSEEN');
      return filled.small;
    },
  },
  {
    name: 'search-subject',
    what: 'SEARCH SUBJECT',
    unit: 'messages',
    atLeast: 1,
    async once({ inbox, filled }) {
      await inbox.command(`SEARCH SUBJECT ${SOUGHT_SUBJECT}`);
      return filled.small;
    },
  },
  {
    name: 'search-body',
    what: 'SEARCH BODY in 20 KiB each',
    unit: 'messages',
    atLeast: 1,
    async once({ large, filled }) {
      await large.command(`SEARCH BODY ${SOUGHT_TEXT}`);
      return filled.large;
    },
  },
];
