import type { WireClient } from '../../wire-client.ts';
import { largeMail } from '../mails.ts';
import { freshMailbox, type Operation, type Scene, times } from '../operation.ts';
import { WORKER } from '../side.ts';

const CONNECTIONS = 16;
const APPENDS = 60;
const APPENDS_EACH = 10;
const AT_MOST = 1000;

/** No two messages are the same: neither side may store one where there are two. */
let appended = 1_000_000;

const moved = ({ filled }: Scene): number => Math.min(AT_MOST, filled.small);
const append = (client: WireClient): Promise<string> => client.appendAll('Appended', [largeMail(appended++)]);

/** What changes mailboxes. Each APPEND is one message and one commit. */
export const writing: readonly Operation[] = [
  {
    name: 'append-1',
    what: 'APPEND of 20 KiB, one connection',
    unit: 'messages',
    atLeast: 1,
    prepare: ({ other }) => freshMailbox(other, 'Appended'),
    once: ({ other }) => times(APPENDS, () => append(other)),
    tidy: removes('Appended'),
  },
  {
    name: 'append-16',
    what: 'APPEND of 20 KiB, 16 connections',
    unit: 'messages',
    atLeast: 0.6,
    async prepare(scene) {
      await freshMailbox(scene.other, 'Appended');
      if (scene.kept.has('append-16')) return;
      scene.kept.set('append-16', await Array.fromAsync({ length: CONNECTIONS }, () => scene.signIn(WORKER)));
    },
    async once({ kept }) {
      const clients = kept.get('append-16') ?? [];
      await Promise.all(clients.map((client) => times(APPENDS_EACH, () => append(client))));
      return clients.length * APPENDS_EACH;
    },
    async tidy(scene) {
      for (const client of scene.kept.get('append-16') ?? []) client.close();
      scene.kept.delete('append-16');
      await removes('Appended')(scene);
    },
  },
  {
    name: 'store',
    what: 'STORE 1:* +FLAGS and -FLAGS',
    unit: 'messages',
    atLeast: 0.1,
    async once({ inbox, filled }) {
      await inbox.command('STORE 1:* +FLAGS (\\Flagged)');
      await inbox.command('STORE 1:* -FLAGS (\\Flagged)');
      return 2 * filled.small;
    },
  },
  {
    name: 'copy',
    what: 'COPY of 1,000',
    unit: 'messages',
    atLeast: 2,
    prepare: ({ other }) => freshMailbox(other, 'Copied'),
    async once(scene) {
      await scene.inbox.command(`COPY 1:${moved(scene)} Copied`);
      return moved(scene);
    },
    tidy: removes('Copied'),
  },
  {
    name: 'move',
    what: 'MOVE of 1,000',
    unit: 'messages',
    atLeast: 1,
    async prepare(scene) {
      await freshMailbox(scene.other, 'Moved');
      await selectCopies(scene);
    },
    async once(scene) {
      await scene.other.command('MOVE 1:* Moved');
      return moved(scene);
    },
    tidy: removes('From', 'Moved'),
  },
  {
    name: 'expunge',
    what: 'EXPUNGE of 1,000',
    unit: 'messages',
    atLeast: 1,
    async prepare(scene) {
      await selectCopies(scene);
      await scene.other.command('STORE 1:* +FLAGS.SILENT (\\Deleted)');
    },
    async once(scene) {
      await scene.other.command('EXPUNGE');
      return moved(scene);
    },
    tidy: removes('From'),
  },
];

/** `other` has `From` selected, with copies of the first messages of INBOX. */
async function selectCopies(scene: Scene): Promise<void> {
  await scene.other.command('UNSELECT').catch((error: Error) => error);
  await freshMailbox(scene.other, 'From');
  await scene.inbox.command(`COPY 1:${moved(scene)} From`);
  await scene.other.command('SELECT From');
}

function removes(...names: readonly string[]): (scene: Scene) => Promise<void> {
  return async ({ other }) => {
    await other.command('UNSELECT').catch((error: Error) => error);
    for (const name of names) await other.command(`DELETE ${name}`);
  };
}
