import { randomUUID } from 'node:crypto';
import type { Store } from '../../store/store.ts';
import {
  type FlagChange,
  type MailboxId,
  type ModSeq,
  type OperationId,
  systemFlags,
  type Uid,
} from '../../store/types.ts';
import type { Attempt } from '../repository-access.ts';

const attempt: Attempt = { signal: new AbortController().signal };
const fresh = (): OperationId => randomUUID() as OperationId;

/** What a mutation works on: a user with three messages in INBOX, the mailboxes Box and Other, all of it new. */
export type Scene = { readonly owner: string; readonly inbox: MailboxId; readonly uids: readonly Uid[] };

/** One run of a mutation: through `store`, whose line may break; what has to be there before it is made by `direct`. */
export type Trial = {
  readonly store: Store;
  readonly direct: Store;
  readonly scene: Scene;
  readonly operation: OperationId;
};

/** A method of the store that is given an operation id, by itself or in its request. */
type TakesOperation<P> = P extends OperationId ? true : P extends { readonly operation: OperationId } ? true : never;
type MutatingMethod = {
  [K in keyof Store]: [TakesOperation<Parameters<Store[K]>[number]>] extends [never] ? never : K;
}[keyof Store];

/**
 * Every mutation of the store: a method that is missing here does not compile. Each variant leaves another state behind if
 * it happens twice, or not at all. The first variant of a method is cut everywhere, the others at their COMMIT.
 */
export const mutations: Readonly<Record<MutatingMethod, Readonly<Record<string, (trial: Trial) => Promise<unknown>>>>> =
  {
    createAccount: {
      'a user': ({ store, scene: { owner }, operation }) =>
        store.createAccount(
          { operation, name: `${owner}-new`, passwordHash: 'x', scramKeys: 'keys', mailboxes: [] },
          attempt,
        ),
    },
    setPassword: {
      'another one': ({ store, scene: { owner }, operation }) =>
        store.setPassword({ operation, name: owner, passwordHash: 'changed', scramKeys: 'changed' }, attempt),
    },
    changeAccount: {
      'limits and rights': ({ store, scene: { owner }, operation }) =>
        store.changeAccount(
          { operation, name: owner, limits: { STORAGE: 123_456, MAILBOX: 'unlimited' }, admin: true },
          attempt,
        ),
    },
    keepScramKeys: {
      'of the password': ({ store, scene: { owner }, operation }) =>
        store.keepScramKeys({ operation, name: owner, passwordHash: 'x', scramKeys: 'keys' }, attempt),
    },
    removeAccount: {
      'with its mail': ({ store, scene: { owner }, operation }) =>
        store.removeAccount({ operation, name: owner }, attempt),
    },
    forgetUser: {
      'what was granted': ({ store, scene: { owner }, operation }) =>
        store.forgetUser({ operation, name: owner }, attempt),
    },
    createMailbox: {
      'with a parent': ({ store, scene: { owner }, operation }) =>
        store.createMailbox({ operation, owner, name: 'New/Deep', specialUse: [] }, attempt),
    },
    renameMailbox: {
      'a mailbox': ({ store, scene: { owner }, operation }) =>
        store.renameMailbox({ operation, owner, name: 'Box', to: 'Renamed' }, attempt),
      INBOX: ({ store, scene: { owner }, operation }) =>
        store.renameMailbox({ operation, owner, name: 'INBOX', to: 'Renamed' }, attempt),
    },
    writeAnnotations: {
      'of a mailbox': ({ store, scene: { owner, inbox }, operation }) => {
        const changes = [{ entry: '/private/comment', value: Buffer.from('mine') }];
        return store.writeAnnotations({ operation, mailbox: inbox, reader: owner, changes, most: 9 }, attempt);
      },
    },
    changeAcl: {
      'one more right': ({ store, scene: { inbox }, operation }) =>
        store.changeAcl({ operation, mailbox: inbox, identifier: 'bob', mode: 'add', rights: 'lr', most: 9 }, attempt),
    },
    deleteMailbox: {
      'a mailbox': ({ store, scene: { owner }, operation }) =>
        store.deleteMailbox({ operation, owner, name: 'Box' }, attempt),
    },
    subscribe: {
      'to a mailbox': ({ store, scene: { owner }, operation }) =>
        store.subscribe({ operation, owner, name: 'Box', subscribed: true }, attempt),
      'no more': ({ store, scene: { owner }, operation }) =>
        store.subscribe({ operation, owner, name: 'Other', subscribed: false }, attempt),
    },
    stage: {
      'the first chunk': async ({ store, direct, scene: { owner }, operation }) => {
        const staged = await store.stage(largeMessage(), { operation, ordinal: 0 }, attempt);
        return await appended(direct, { owner, operation, staged });
      },
    },
    append: {
      'a small message': async ({ store, scene: { owner }, operation }) => await append(store, { owner, operation }),
      'a message in chunks': async ({ store, direct, scene: { owner }, operation }) => {
        const staged = await direct.stage(largeMessage(), { operation, ordinal: 0 }, attempt);
        return await appended(store, { owner, operation, staged });
      },
      'several messages': async ({ store, scene: { owner }, operation }) => {
        const staged = await store.stage(oneMessage(), { operation, ordinal: 0 }, attempt);
        const message = { staged, flags: { system: 0, keywords: [] }, internalDate: new Date('2026-11-23T12:00:00Z') };
        const other = { ...message, staged: await store.stage(oneMessage(), { operation, ordinal: 1 }, attempt) };
        return await store.append({ operation, owner, mailbox: 'INBOX', messages: [message, other] }, attempt);
      },
    },
    withdraw: {
      'an APPEND that never was': ({ store, operation }) => store.withdraw({ operation, messages: 1 }, attempt),
    },
    storeFlags: {
      add: (trial) => flagged(trial, { mode: 'add', system: systemFlags['\\Flagged'], keywords: ['$Work'] }),
      replace: (trial) => flagged(trial, { mode: 'replace', system: systemFlags['\\Seen'], keywords: ['$New'] }),
      remove: async (trial) => {
        const change = { system: systemFlags['\\Seen'], keywords: ['$Work'] };
        await flagged({ ...trial, store: trial.direct, operation: fresh() }, { mode: 'add', ...change });
        return await flagged(trial, { mode: 'remove', ...change });
      },
      'unchanged since': async (trial) => {
        const view = await trial.direct.loadView(trial.scene.inbox, attempt);
        const change = { mode: 'add', system: systemFlags['\\Draft'], keywords: [] } as const;
        return await flagged(trial, change, (view?.rows.modSeqs[1] ?? 0) as ModSeq);
      },
    },
    expunge: {
      'by UID': ({ store, scene: { inbox, uids }, operation }) =>
        store.expunge({ operation, mailbox: inbox, uids: uids.slice(0, 2), onlyDeleted: false }, attempt),
      'what is deleted': async (trial) => {
        const { store, direct, scene, operation } = trial;
        const deleted = { ...scene, uids: scene.uids.slice(0, 2) };
        const change = { mode: 'add', system: systemFlags['\\Deleted'], keywords: [] } as const;
        await flagged({ ...trial, store: direct, scene: deleted, operation: fresh() }, change);
        return await store.expunge({ operation, mailbox: scene.inbox, uids: scene.uids, onlyDeleted: true }, attempt);
      },
    },
    copy: {
      COPY: ({ store, scene: { owner, inbox, uids }, operation }) =>
        store.copy({ operation, from: inbox, owner, to: 'Other', uids, move: false }, attempt),
      MOVE: ({ store, scene: { owner, inbox, uids }, operation }) =>
        store.copy({ operation, from: inbox, owner, to: 'Other', uids, move: true }, attempt),
    },
    replace: {
      'in the same mailbox': (trial) => replaced(trial, 'INBOX'),
      'into another one': (trial) => replaced(trial, 'Other'),
    },
    claimRecent: {
      'of a mailbox': ({ store, scene: { inbox }, operation }) => store.claimRecent(inbox, operation, attempt),
    },
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

type Owned = { readonly owner: string; readonly operation: OperationId };

async function append(store: Store, { owner, operation }: Owned): Promise<unknown> {
  const staged = await store.stage(oneMessage(), { operation, ordinal: 0 }, attempt);
  return await appended(store, { owner, operation, staged });
}

async function appended(
  store: Store,
  { owner, operation, staged }: Owned & { readonly staged: Awaited<ReturnType<Store['stage']>> },
): Promise<unknown> {
  const flags = { system: 0, keywords: [] };
  const messages = [{ staged, flags, internalDate: new Date('2026-11-23T12:00:00Z') }];
  return await store.append({ operation, owner, mailbox: 'INBOX', messages }, attempt);
}

async function replaced({ store, scene, operation }: Trial, mailbox: string): Promise<unknown> {
  const staged = await store.stage(oneMessage(), { operation, ordinal: 0 }, attempt);
  const message = { staged, flags: { system: 0, keywords: [] }, internalDate: new Date('2026-11-23T12:00:00Z') };
  const [uid = 0 as Uid] = scene.uids;
  return await store.replace({ operation, from: scene.inbox, uid, owner: scene.owner, mailbox, message }, attempt);
}

async function flagged(
  { store, scene, operation }: Trial,
  change: FlagChange,
  unchangedSince: ModSeq | null = null,
): Promise<unknown> {
  return await store.storeFlags({ operation, mailbox: scene.inbox, uids: scene.uids, change, unchangedSince }, attempt);
}

async function* oneMessage(): AsyncGenerator<Buffer> {
  yield Buffer.from('From: ada@example.org\r\nSubject: once\r\n\r\nOnly once.\r\n');
}

/** A little more than one chunk. */
async function* largeMessage(): AsyncGenerator<Buffer> {
  yield Buffer.from('From: ada@example.org\r\nSubject: large\r\n\r\n');
  yield Buffer.alloc(300 * 1024, 'Only once.\r\n');
}
