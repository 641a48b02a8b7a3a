import { randomUUID } from 'node:crypto';
import type { Store } from '../../store/store.ts';
import { type MailboxId, type OperationId, systemFlags, type Uid } from '../../store/types.ts';
import type { Attempt } from '../repository-access.ts';

const attempt: Attempt = { signal: new AbortController().signal };
const fresh = (): OperationId => randomUUID() as OperationId;

/** What a mutation works on: a user with three messages in INBOX, the mailboxes Box and Other, all of it new. */
export type Scene = { readonly owner: string; readonly inbox: MailboxId; readonly uids: readonly Uid[] };

/** Every kind of mutation of the store. Each leaves another state behind if it happens twice, or not at all. */
export const mutations: Readonly<
  Record<string, (store: Store, scene: Scene, operation: OperationId) => Promise<unknown>>
> = {
  createAccount: (store, { owner }, operation) =>
    store.createAccount({ operation, name: `${owner}-new`, passwordHash: 'x', mailboxes: [] }, attempt),
  setPassword: (store, { owner }, operation) =>
    store.setPassword({ operation, name: owner, passwordHash: 'changed' }, attempt),
  removeAccount: (store, { owner }, operation) => store.removeAccount({ operation, name: owner }, attempt),
  createMailbox: (store, { owner }, operation) =>
    store.createMailbox({ operation, owner, name: 'New/Deep', specialUse: [] }, attempt),
  renameMailbox: (store, { owner }, operation) =>
    store.renameMailbox({ operation, owner, name: 'Box', to: 'Renamed' }, attempt),
  deleteMailbox: (store, { owner }, operation) => store.deleteMailbox({ operation, owner, name: 'Box' }, attempt),
  subscribe: (store, { owner }, operation) =>
    store.subscribe({ operation, owner, name: 'Box', subscribed: true }, attempt),
  append: async (store, { owner }, operation) => await append(store, { owner, operation }),
  storeFlags: (store, { inbox, uids }, operation) =>
    store.storeFlags(
      {
        operation,
        mailbox: inbox,
        uids,
        change: { mode: 'add', system: systemFlags['\\Flagged'], keywords: ['$Work'] },
        unchangedSince: null,
      },
      attempt,
    ),
  expunge: (store, { inbox, uids }, operation) =>
    store.expunge({ operation, mailbox: inbox, uids: uids.slice(0, 2), onlyDeleted: false }, attempt),
  copy: (store, { owner, inbox, uids }, operation) =>
    store.copy({ operation, from: inbox, owner, to: 'Other', uids, move: false }, attempt),
  move: (store, { owner, inbox, uids }, operation) =>
    store.copy({ operation, from: inbox, owner, to: 'Other', uids, move: true }, attempt),
  claimRecent: (store, { inbox }, operation) => store.claimRecent(inbox, operation, attempt),
};

export async function setScene(store: Store): Promise<Scene> {
  const owner = `user-${randomUUID()}`;
  const mailboxes = ['Box', 'Other'].map((name) => ({ name, specialUse: [] }));
  await store.createAccount({ operation: fresh(), name: owner, passwordHash: 'x', mailboxes }, attempt);
  await store.subscribe({ operation: fresh(), owner, name: 'Box', subscribed: false }, attempt);
  for (let i = 0; i < 3; i += 1) await append(store, { owner, operation: fresh() });
  const inbox = await store.findMailbox(owner, 'INBOX', attempt);
  if (inbox === null) throw new Error('the user has no INBOX');
  const view = await store.loadView(inbox.id, attempt);
  return { owner, inbox: inbox.id, uids: [...(view?.rows.uids ?? [])] as Uid[] };
}

async function append(
  store: Store,
  { owner, operation }: { readonly owner: string; readonly operation: OperationId },
): Promise<unknown> {
  const staged = await store.stage(oneMessage(), { operation, ordinal: 0 }, attempt);
  const flags = { system: 0, keywords: [] };
  const messages = [{ staged, flags, internalDate: new Date('2026-11-23T12:00:00Z') }];
  return await store.append({ operation, owner, mailbox: 'INBOX', messages }, attempt);
}

async function* oneMessage(): AsyncGenerator<Buffer> {
  yield Buffer.from('From: ada@example.org\r\nSubject: once\r\n\r\nOnly once.\r\n');
}

/** All that the owner's mail is made of, without what differs from run to run (names of users, UUIDs, UIDVALIDITY). */
export const ownersState = `
SELECT json_build_object(
  'accounts', (SELECT json_agg(a.password_hash ORDER BY a.name) FROM mail.account a WHERE a.name LIKE $1 || '%'),
  'mailboxes', (SELECT json_agg(json_build_array(m.name, m.uid_next, m.modseq, m.recent_from, m.messages, m.unseen, m.size,
                                                 m.keywords) ORDER BY m.owner, m.name)
                  FROM mail.mailbox m WHERE m.owner LIKE $1 || '%'),
  'messages', (SELECT json_agg(json_build_array(m.name, s.uid, s.modseq, s.flags, s.keywords) ORDER BY m.name, s.uid)
                 FROM mail.message s JOIN mail.mailbox m ON m.id = s.mailbox WHERE m.owner LIKE $1 || '%'),
  'tombstones', (SELECT json_agg(json_build_array(m.name, t.uid, t.modseq) ORDER BY m.name, t.uid)
                   FROM mail.tombstone t JOIN mail.mailbox m ON m.id = t.mailbox WHERE m.owner LIKE $1 || '%'),
  'subscriptions', (SELECT json_agg(s.name ORDER BY s.name) FROM mail.subscription s WHERE s.owner LIKE $1 || '%')
) AS state`;
