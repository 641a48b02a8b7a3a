import { type ImapServer, PASSWORD, startImapServer } from '#imapd/session/test-support/imap-server.ts';
import { RawClient } from '#imapd/session/test-support/raw-client.ts';
import { attempt, operation } from '#imapd/store/test-support/store-fixture.ts';
import { systemFlags, type Uid } from '#imapd/store/types.ts';
import { fillMailbox } from '../fill-mailbox.ts';

const MAIL = 'From: Ann <ann@example.org>\r\nSubject: counted\r\n\r\nHello.\r\n';

/** A server on a database of its own, whose user has a mailbox `box` with so many messages, and two clients of hers. */
export type Scene = {
  readonly client: RawClient;
  readonly second: RawClient;
  readonly mail: string;
  readonly server: ImapServer;
  signIn(): Promise<void>;
  /** The client waits in IDLE; every message of `box` changes behind the back of its process. */
  wakeByAnother(): Promise<void>;
  /** The second client selects `box` anew and says how it knew it at the beginning. */
  resync(): Promise<readonly string[]>;
  close(): Promise<void>;
};

export async function openScene(messages: number): Promise<Scene> {
  const server = await startImapServer();
  const { fixture } = server;
  for (const name of ['box', 'other', 'third']) {
    await fixture.store.createMailbox({ operation: operation(), owner: 'ada', name, specialUse: [] }, attempt);
  }
  await fixture.append(MAIL, { mailbox: 'box' });
  await fillMailbox(fixture.sql, { owner: 'ada', name: 'box', messages });
  const [client, second] = [await greet(server), await greet(server)];
  for (const each of [client, second]) await signIn(each);
  await second.command('e ENABLE QRESYNC');
  const begun = await fixture.store.findMailbox('ada', 'box', attempt);
  const clients = [client, second];
  return {
    ...{ client, second, server, mail: MAIL },
    async signIn() {
      const another = await greet(server);
      clients.push(another);
      await signIn(another);
    },
    wakeByAnother: () => wake(server, client, messages),
    resync: () => second.command(`t SELECT box (QRESYNC (${begun?.uidValidity} ${begun?.highestModSeq}))`),
    async close() {
      for (const each of clients) each.close();
      await server.stop();
    },
  };
}

const greet = (server: ImapServer): Promise<RawClient> => RawClient.greeted(server.port);
const signIn = (client: RawClient): Promise<readonly string[]> => client.command(`l LOGIN ada "${PASSWORD}"`);

/** What the other process does is not counted. */
async function wake({ fixture }: ImapServer, client: RawClient, messages: number): Promise<void> {
  const box = await fixture.store.findMailbox('ada', 'box', attempt);
  if (box === null) throw new Error('the mailbox is gone');
  client.send('i IDLE\r\n');
  await client.readLine();
  const uids = Array.from({ length: messages }, (_, i) => (i + 1) as Uid);
  const change = { mode: 'add', system: systemFlags['\\Answered'], keywords: [] } as const;
  await fixture.store.storeFlags(
    { operation: operation(), mailbox: box.id, uids, change, unchangedSince: null },
    attempt,
  );
  fixture.statementNames.length = 0;
  for (let told = 0; told < messages; told++) await client.readLine();
  client.send('DONE\r\n');
  await client.readTagged('i');
}
