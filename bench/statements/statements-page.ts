import { SIZES, type StatementsOfCommand } from './measure-statements.ts';

const [, MANY] = SIZES;

/** docs/reference/statements.md. */
export function statementsPage(measured: readonly StatementsOfCommand[]): string {
  const head = [
    'Command',
    ...SIZES.map((size) => `${size.toLocaleString('en')} message${size === 1 ? '' : 's'}`),
    'Statements',
  ];
  const rows = measured.map(({ what, sent }) => [
    what,
    ...sent.map((names) => String(names.length)),
    named(sent.at(-1)),
  ]);
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `<!-- Written by \`npm run bench -- statements\` from a measured run. Do not edit. -->

# Statements per command

No command sends a statement per message: FETCH, STORE, COPY, MOVE, EXPUNGE and SEARCH send as many for
${MANY.toLocaleString('en')} messages as for one. The table is what was measured: IMAP over a real connection, against PostgreSQL, with every
statement counted where it leaves imapd. \`bench/statements/statements.integration.test.ts\` measures again and fails where this page says
something else.

${table}

- A change is one transaction. Where no statement needs the answer to another it goes out as a whole, in one round trip, without
  \`BEGIN\` and \`COMMIT\`: the lock of the epoch (\`epoch-lock\`, or \`mailbox-enter\` with that of the mailbox), the work, and in its last
  statement, \`…-recorded\`, the operation's row and the check of the epoch. If that fails it is done again like the others, step by step:
  \`BEGIN\` with the lock of the epoch, \`operation-enter\`, its work, \`operation-record\`, \`COMMIT\`. That takes three round trips, since the
  first two, the work and the last two travel together; a change that has to read first takes one more.
- Content (names that begin with \`content\` or \`chunks\`) is read from replicas; everything else goes to the primary.
- Content comes in batches: a statement asks for at most 1,000 messages and answers with about 1 MiB. Messages above 256 KiB are
  streamed, one statement for each 256 KiB; they arrive by APPEND the same way, one transaction for each 256 KiB.
- A SELECT claims \`\\Recent\` only where there are new messages: otherwise \`recent-read\` and what follows it are not sent.
- In the background imapd sends one statement a second and partition for all selected mailboxes together (\`modseq-poll\`),
  and asks each member for its position and health.
`;
}

const named = (names: readonly string[] = []): string =>
  names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ');
