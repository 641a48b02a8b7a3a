import type { Scene } from './scene.ts';

/** One line of the table: what a client does, and how to get there (which is not counted). */
export type CountedCommand = {
  readonly what: string;
  prepare?(scene: Scene): Promise<unknown>;
  run(scene: Scene): Promise<unknown>;
};

const select = (scene: Scene): Promise<unknown> => scene.client.command('p SELECT box');
const say =
  (command: string) =>
  ({ client }: Scene): Promise<unknown> =>
    ok(client.command(`t ${command}`));

/** A command that fails needs no statements: its count would mean nothing. */
async function ok(answer: Promise<readonly string[]>): Promise<void> {
  const last = (await answer).at(-1) ?? '';
  if (!last.startsWith('t OK')) throw new Error(`the server said: ${last}`);
}

/** In this order, on one mailbox `box` whose messages are unread; `other` is an empty one. */
export const countedCommands: readonly CountedCommand[] = [
  { what: 'LOGIN', run: (scene) => scene.signIn() },
  { what: 'LIST "" *', run: say('LIST "" *') },
  { what: 'LIST … RETURN (STATUS …)', run: say('LIST "" * RETURN (STATUS (MESSAGES UNSEEN SIZE))') },
  { what: 'STATUS', run: say('STATUS box (MESSAGES UNSEEN UIDNEXT)') },
  { what: 'SELECT, cold, with new messages', run: say('SELECT box') },
  { what: 'SELECT by a second session', run: ({ second }) => ok(second.command('t SELECT box')) },
  { what: 'NOOP', run: say('NOOP') },
  { what: 'FETCH FLAGS', run: say('FETCH 1:* (UID FLAGS)') },
  { what: 'FETCH ENVELOPE, BODYSTRUCTURE', run: say('FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)') },
  { what: 'UID FETCH of header fields', run: say('UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])') },
  { what: 'FETCH BODY.PEEK[]', run: say('FETCH 1:* BODY.PEEK[]') },
  { what: 'FETCH BODY[] of unread messages, which sets \\Seen', run: say('FETCH 1:* BODY[]') },
  { what: 'SEARCH by flag', run: say('SEARCH SEEN UNFLAGGED') },
  { what: 'SEARCH by header', run: say('SEARCH SUBJECT counted') },
  { what: 'SEARCH by text', run: say('SEARCH BODY hello') },
  { what: 'STORE of a flag', run: say('STORE 1:* +FLAGS (\\Flagged)') },
  { what: 'STORE of a new keyword', run: say('STORE 1:* +FLAGS (Important)') },
  { what: 'STORE of a known keyword', run: say('STORE 1:* -FLAGS (Important)') },
  { what: 'STORE that changes nothing', run: say('STORE 1:* +FLAGS.SILENT (\\Flagged)') },
  { what: 'COPY', run: say('COPY 1:* other') },
  { what: 'IDLE, woken by another process', run: (scene) => scene.wakeByAnother() },
  { what: 'MOVE', prepare: ({ client }) => client.command('p SELECT other'), run: say('MOVE 1:* third') },
  { what: 'EXPUNGE', prepare: markDeleted, run: say('EXPUNGE') },
  { what: 'SELECT (QRESYNC …) after it', run: ({ resync }) => ok(resync()) },
  { what: 'APPEND up to 256 KiB', run: ({ client, mail }) => ok(append(client, 'other', mail)) },
  { what: 'APPEND of three messages at once', run: ({ client, mail }) => ok(appendThree(client, mail)) },
  {
    what: 'APPEND to the selected mailbox',
    prepare: select,
    run: ({ client, mail }) => ok(append(client, 'box', mail)),
  },
  { what: 'REPLACE in the selected mailbox', run: ({ client, mail }) => ok(replaceFirst(client, mail)) },
];

async function markDeleted(scene: Scene): Promise<void> {
  await select(scene);
  await scene.client.command('p STORE 1:* +FLAGS.SILENT (\\Deleted)');
}

async function append(client: Scene['client'], mailbox: string, mail: string): Promise<readonly string[]> {
  client.send(`t APPEND ${mailbox} {${mail.length}+}\r\n${mail}\r\n`);
  return client.readTagged('t');
}

async function appendThree(client: Scene['client'], mail: string): Promise<readonly string[]> {
  const message = ` {${mail.length}+}\r\n${mail}`;
  client.send(`t APPEND other${message.repeat(3)}\r\n`);
  return client.readTagged('t');
}

async function replaceFirst(client: Scene['client'], mail: string): Promise<readonly string[]> {
  client.send(`t REPLACE 1 box {${mail.length}+}\r\n${mail}\r\n`);
  return client.readTagged('t');
}
