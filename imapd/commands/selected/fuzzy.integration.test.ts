import { afterAll, beforeAll, expect, test } from 'vitest';
import { answers, last } from '../../session/test-support/answers.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 6203): FUZZY finds what has every word by its beginning; RELEVANCY tells which of it are what was meant, and sorts by that.

let server: ImapServer;
let client: RawClient;

beforeAll(async () => {
  server = await startImapServer();
  const messages: readonly [subject: string, body: string][] = [
    ['IMAP is broken again', 'Nothing to see.'],
    ['lunch', 'Shall we break for lunch? IMAP can wait.'],
    ['Re: broken IMAP', 'Your invoice is due.'],
    ['broken imap', 'The invoices are due on Monday.'],
    ['breaking an imap record', '=?utf-8?q?no_header?= here'],
  ];
  for (const [subject, body] of messages)
    await server.fixture.append(`Subject: ${subject}\r\nFrom: Ann <ann@example.org>\r\n\r\n${body}\r\n`);
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command('s SELECT INBOX');
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

test.each([
  // As it stands only one has it.
  ['SEARCH SUBJECT "broken imap"', '* SEARCH 3 4'],
  ['SEARCH FUZZY SUBJECT "imap broken"', '* SEARCH 1 3 4'],
  ['SEARCH FUZZY SUBJECT "brokenness imap"', '* SEARCH'],
  ['SEARCH FUZZY (SUBJECT "imap broken" BODY "due invoices")', '* SEARCH 3 4'],
  ['SEARCH FUZZY TEXT "lunch breaks"', '* SEARCH 2'],
  ['SEARCH NOT FUZZY SUBJECT "imap broken"', '* SEARCH 2 5'],
  ['SEARCH FUZZY NOT SUBJECT "imap broken"', '* SEARCH 1 2 3 4 5'],
  ['UID SEARCH FUZZY 2:4 FUZZY SUBJECT "imap broken"', '* SEARCH 3 4'],
  ['SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT "broken imap"', '* ESEARCH (TAG "a") ALL 1,3:4 RELEVANCY (80 100 100)'],
  ['SEARCH RETURN (RELEVANCY COUNT) FUZZY BODY "invoices due"', '* ESEARCH (TAG "a") COUNT 2 RELEVANCY (50 80)'],
  [
    'SEARCH RETURN (RELEVANCY) FUZZY (SUBJECT "broken imap" BODY "invoices due")',
    '* ESEARCH (TAG "a") RELEVANCY (75 90)',
  ],
  [
    'SEARCH RETURN (PARTIAL -1:-1 RELEVANCY) FUZZY BODY "invoices due"',
    '* ESEARCH (TAG "a") PARTIAL (-1:-1 4) RELEVANCY (80)',
  ],
  ['SEARCH RETURN (RELEVANCY) FUZZY SEEN', '* ESEARCH (TAG "a")'],
  ['SEARCH RETURN (RELEVANCY ALL) FUZZY UNSEEN 1', '* ESEARCH (TAG "a") ALL 1 RELEVANCY (100)'],
  [
    'SEARCH RETURN (RELEVANCY) OR FUZZY SUBJECT "imap broken" FUZZY BODY "invoices are due"',
    '* ESEARCH (TAG "a") RELEVANCY (80 80 80)',
  ],
  ['SEARCH RETURN (RELEVANCY) 1:2 OR ALL FUZZY BODY "nowhere"', '* ESEARCH (TAG "a") RELEVANCY (1 1)'],
  ['SORT (RELEVANCY) UTF-8 FUZZY BODY "invoices due"', '* SORT 4 3'],
  ['SORT (REVERSE RELEVANCY) UTF-8 FUZZY BODY "invoices due"', '* SORT 3 4'],
  [
    'SORT RETURN (ALL RELEVANCY) (RELEVANCY REVERSE ARRIVAL) UTF-8 FUZZY SUBJECT "broken imap"',
    '* ESEARCH (TAG "a") ALL 3:4,1 RELEVANCY (100 100 80)',
  ],
  [
    'ESEARCH IN (PERSONAL) RETURN (RELEVANCY) FUZZY BODY "invoices due"',
    expect.stringMatching(/^\* ESEARCH .* UID RELEVANCY \(50 80\)$/),
  ],
])('%s', async (command, answer) => {
  expect(await answers(client, command)).toEqual([answer]);
});

test('RELEVANCY without FUZZY is refused', async () => {
  for (const command of [
    'SEARCH RETURN (RELEVANCY) TEXT a',
    'SORT (RELEVANCY) UTF-8 TEXT a',
    'SORT RETURN (RELEVANCY) (DATE) UTF-8 ALL',
  ])
    expect(await last(client, command), command).toMatch(/^a BAD .*FUZZY/);
});

test('what is saved is what was found', async () => {
  await client.command('a SEARCH RETURN (SAVE RELEVANCY) FUZZY SUBJECT "broken imap"');
  expect(await answers(client, 'SEARCH $')).toEqual(['* SEARCH 1 3 4']);
});

test('each word counts as a key: what one command may ask for stays what it is', async () => {
  const key = (words: number, from: number): string =>
    `BODY "${Array.from({ length: words }, (_, at) => `w${from + at}`).join(' ')}"`;
  const program = (strings: number): string => Array.from({ length: strings }, (_, at) => key(15, at * 15)).join(' ');
  expect(await last(client, `SEARCH FUZZY (${program(30)})`)).toMatch(/^a OK/);
  expect(await last(client, `SEARCH FUZZY (${program(33)})`)).toMatch(/^a BAD .*search keys/);
});
