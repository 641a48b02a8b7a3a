import { mailboxObjectId } from '../../mailbox/object-ids.ts';
import type { ResponseWriter } from '../../protocol/response-writer.ts';
import type { StatusItem } from '../../protocol/status-item.ts';
import type { MailboxState } from '../../store/mailbox-state.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import type { CommandContext } from '../command-handler.ts';

export type StatusOptions = {
  readonly items: readonly StatusItem[];
  /** Octets of the largest message: APPENDLIMIT (RFC 7889). */
  readonly appendLimit: number;
  /** DELETED-STORAGE; what is missing has none. */
  readonly deletedOctets: ReadonlyMap<MailboxId, number>;
  /** UNSEEN, where it is not what the mailbox says. */
  readonly unseen: ReadonlyMap<MailboxId, number>;
};

/** What has to be looked up for the items: DELETED-STORAGE, of mailboxes that hold deleted messages. */
export async function lookUpDeleted(
  store: Pick<Store, 'deletedOctets'>,
  { items, states }: { readonly items: readonly StatusItem[]; readonly states: readonly MailboxState[] },
  { attempt }: Pick<CommandContext, 'attempt'>,
): Promise<ReadonlyMap<MailboxId, number>> {
  if (!items.includes('DELETED-STORAGE')) return new Map();
  const holding = states.filter(({ deleted }) => deleted > 0);
  return await store.deletedOctets(
    holding.map(({ id }) => id),
    attempt,
  );
}

/** The same for UNSEEN, of mailboxes in which a user has \Seen of his own; null: it is everybody's there. */
export async function lookUpUnseen(
  store: Pick<Store, 'countUnseen'>,
  {
    items,
    mailboxes,
    reader,
  }: {
    readonly items: readonly StatusItem[];
    readonly mailboxes: readonly MailboxId[];
    readonly reader: string | null;
  },
  { attempt }: Pick<CommandContext, 'attempt'>,
): Promise<ReadonlyMap<MailboxId, number>> {
  if (reader === null || mailboxes.length === 0 || !items.includes('UNSEEN')) return new Map();
  return await store.countUnseen({ mailboxes, reader }, attempt);
}

/** One STATUS response (RFC 3501, 7.2.4). */
export function writeStatus(writer: ResponseWriter, state: MailboxState, options: StatusOptions): void {
  const pairs = options.items.map((item) => `${item} ${values[item](state, options)}`);
  writer.raw('* STATUS ').mailbox(state.name).space().atoms(pairs).crlf();
}

const values: Readonly<Record<StatusItem, (state: MailboxState, options: StatusOptions) => number | string>> = {
  MESSAGES: (state) => state.messages,
  RECENT: (state) => state.recent,
  UIDNEXT: (state) => state.uidNext,
  UIDVALIDITY: (state) => state.uidValidity,
  UNSEEN: (state, { unseen }) => unseen.get(state.id) ?? state.unseen,
  HIGHESTMODSEQ: (state) => state.highestModSeq,
  SIZE: (state) => state.size,
  DELETED: (state) => state.deleted,
  'DELETED-STORAGE': (state, { deletedOctets }) => deletedOctets.get(state.id) ?? 0,
  APPENDLIMIT: (_, { appendLimit }) => appendLimit,
  MAILBOXID: (state) => `(${mailboxObjectId(state.id)})`,
};
