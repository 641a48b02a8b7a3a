import { clientTable } from '#imap-clients/client-table.ts';
import type { MailClient } from '#imap-clients/mail-client.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

/** docs/reference/clients.md */
export const clientsPage = (): string => `${generatedFrom(['imap-clients/client-table.ts'])}
# Mail programs that the server is judged by

Each of them does a round with 200 messages (IMAP_CLIENTS_MESSAGES: more) in \`npm test\`, against a standalone cluster on PostgreSQL. \`npm run clients\` tells which are on a machine,
\`npm run clients -- install\` brings them.

${markdownTable(
  ['program', 'what', 'its round', 'set up with', 'Debian packages'],
  clientTable.map((client) => [
    code(client.name),
    client.what,
    ROUNDS[client.does.kind],
    client.setUp,
    client.packages.map(code).join(', '),
  ]),
)}

| round | what is done, and what must come of it |
|---|---|
| synchronises | Messages on each side that the other has not; the first run is killed in the middle; then both sides add, flag, move and delete. Both hold the same after each run, and what they should. Also while a primary is killed (\`Quorum\`): the run goes on over its connection, and ends well. And after a failover that has lost what was acknowledged last (\`Async\`), and its salvage |
| fetches | The first run is told to end in the middle; 25 come later. Everything was handed on whole, and deleted or left as was asked for |
| works | Reads all messages, stores 25, sets flags and a keyword, makes a mailbox, moves 40, expunges 40, leaves; others change the mailboxes; it comes back, and knows what they hold: every octet and every flag |
`;

const ROUNDS: Readonly<Record<MailClient['does']['kind'], string>> = {
  synchroniser: 'synchronises',
  fetcher: 'fetches',
  worker: 'works',
};
