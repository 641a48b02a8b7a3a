import { type Operation, type Scene, times } from '../operation.ts';

const ROUND_TRIPS = 500;
const ONE_BY_ONE = 200;

/** What changes nothing: NOOP and FETCH. */
export const reading: readonly Operation[] = [
  {
    name: 'noop',
    what: 'NOOP, one after the other',
    unit: 'commands',
    atLeast: 1,
    once: ({ inbox }) => times(ROUND_TRIPS, () => inbox.command('NOOP')),
  },
  {
    name: 'fetch-one',
    what: 'UID FETCH of one (FLAGS), one after the other',
    unit: 'commands',
    atLeast: 1,
    once: ({ inbox, filled }) =>
      times(ROUND_TRIPS, (i) => inbox.command(`UID FETCH ${1 + (i % filled.small)} (FLAGS)`)),
  },
  {
    name: 'fetch-flags',
    what: 'FETCH 1:* (FLAGS UID)',
    unit: 'messages',
    atLeast: 1,
    async once({ inbox, filled }) {
      await inbox.command('FETCH 1:* (FLAGS UID)');
      return filled.small;
    },
  },
  {
    name: 'envelope',
    what: 'FETCH 1:* (ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS UID)',
    unit: 'messages',
    atLeast: 2,
    async once({ inbox, filled }) {
      await inbox.command('FETCH 1:* (ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS UID)');
      return filled.small;
    },
  },
  {
    name: 'header-fields',
    what: 'FETCH 1:* of five header fields',
    unit: 'messages',
    atLeast: 1,
    async once({ inbox, filled }) {
      await inbox.command('FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE MESSAGE-ID)])');
      return filled.small;
    },
  },
  unremembered('envelope', 'ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS UID'),
  unremembered('header-fields', 'UID BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE MESSAGE-ID)]'),
  unremembered('body-bulk', 'UID BODY.PEEK[]', 'Large'),
  {
    name: 'body-bulk',
    what: 'FETCH 1:* BODY.PEEK[] of 20 KiB',
    unit: 'messages',
    atLeast: 0.5,
    async once({ large, filled }) {
      await large.command('FETCH 1:* (UID BODY.PEEK[])');
      return filled.large;
    },
  },
  {
    name: 'body-one',
    what: 'BODY.PEEK[] of 20 KiB, one after the other',
    unit: 'messages',
    atLeast: 0.6,
    once: ({ large, filled }) => times(ONE_BY_ONE, (i) => large.command(`FETCH ${1 + (i % filled.large)} BODY.PEEK[]`)),
  },
];

/** Read from the database each time: what an imapd does that has not read these messages lately. */
function unremembered(name: string, items: string, mailbox: 'INBOX' | 'Large' = 'INBOX'): Operation {
  const first = `${name}-first`;
  return {
    name: first,
    what: `the same of messages that imapd has not read before: ${name}`,
    unit: 'messages',
    atLeast: 0.5,
    async prepare(scene: Scene) {
      if (scene.kept.has(first)) return;
      const client = await scene.signInAnew();
      await client.command(`SELECT ${mailbox}`);
      scene.kept.set(first, [client]);
    },
    async once({ kept, filled }) {
      await kept.get(first)?.[0]?.command(`FETCH 1:* (${items})`);
      return mailbox === 'INBOX' ? filled.small : filled.large;
    },
    async tidy({ kept }) {
      for (const client of kept.get(first) ?? []) client.close();
      kept.delete(first);
    },
  };
}
