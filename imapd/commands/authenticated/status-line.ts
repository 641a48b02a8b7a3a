import { mailboxObjectId } from '../../mailbox/object-ids.ts';
import type { ResponseWriter } from '../../protocol/response-writer.ts';
import type { StatusItem } from '../../protocol/status-item.ts';
import type { MailboxState } from '../../store/mailbox-state.ts';

export type StatusOptions = {
  readonly items: readonly StatusItem[];
  /** Octets of the largest message: APPENDLIMIT (RFC 7889). */
  readonly appendLimit: number;
};

/** One STATUS response (RFC 3501, 7.2.4). */
export function writeStatus(writer: ResponseWriter, state: MailboxState, options: StatusOptions): void {
  const pairs = options.items.map((item) => `${item} ${values[item](state, options.appendLimit)}`);
  writer.raw('* STATUS ').mailbox(state.name).space().atoms(pairs).crlf();
}

const values: Readonly<Record<StatusItem, (state: MailboxState, appendLimit: number) => number | string>> = {
  MESSAGES: (state) => state.messages,
  RECENT: (state) => state.recent,
  UIDNEXT: (state) => state.uidNext,
  UIDVALIDITY: (state) => state.uidValidity,
  UNSEEN: (state) => state.unseen,
  HIGHESTMODSEQ: (state) => state.highestModSeq,
  SIZE: (state) => state.size,
  DELETED: (state) => state.deleted,
  APPENDLIMIT: (_, appendLimit) => appendLimit,
  MAILBOXID: (state) => `(${mailboxObjectId(state.id)})`,
};
