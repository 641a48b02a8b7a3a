import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { ContentCorrupt, type MessageContent, type ReadMessages } from '../content-store.ts';
import { octetsPassed } from '../sweep.ts';
import type { Uid } from '../types.ts';

/** Octets of content that a `SelectContent` gives; one message more, so that a batch is never empty. */
export const BATCH_BYTES = 1024 * 1024;
/** UIDs asked for by one statement at most. */
const BATCH_UIDS = 1000;
/** Asked for in place of what fits on the average: messages are of many sizes. */
const SPARE = 1.25;

/** A batch leaves a fourth as much garbage behind as a stream does (sweep.ts): its rows are copied once. */
const LEFT_BEHIND = 4;

/** One message that was asked for. */
export type ContentRow = {
  /** The member knows the message, and has its content. */
  readonly found: boolean;
  /** Octets of what was asked for. */
  readonly bytes: number;
  /** `raw` does not match its hash. */
  readonly corrupt: boolean;
  readonly message: MessageContent;
};

/**
 * One statement: what is asked for of messages in the mailbox and of expunged ones alike, for a session may still ask for what another
 * one has just expunged. Ascending by UID, a row for each UID that was looked at. It stops looking behind the message with which there
 * are BATCH_BYTES.
 */
export type SelectContent<C> = (c: C, request: ReadMessages) => Promise<readonly ContentRow[]>;

export type ReadMessagesTools<C> = { readonly access: RepositoryAccess<C>; readonly select: SelectContent<C> };

/**
 * Facts of many messages, in batches. A statement is given up to BATCH_UIDS messages and answers with as many as fit into
 * BATCH_BYTES: sizes are known without fetching the values, so no batch is ever larger than that and one message. While a
 * batch is worked on the database puts together the next one, and no more: two are held at most.
 */
export async function* readMessages<C>(
  tools: ReadMessagesTools<C>,
  request: ReadMessages,
  attempt: Attempt,
): AsyncGenerator<readonly MessageContent[]> {
  let rest = [...request.uids].sort((a, b) => a - b);
  // Small messages are to come by one statement, however many; what does not fit into a batch is looked up in vain once.
  let count = BATCH_UIDS;
  const begin = (): Promise<Batch> => {
    const batch = readBatch(tools, { ...request, uids: rest.slice(0, count) }, attempt);
    // Whoever stops reading in the middle does not hear of it any more.
    batch.catch(() => undefined);
    return batch;
  };
  let next = rest.length > 0 ? begin() : null;
  while (next !== null) {
    const { messages, upTo, fitting } = await next;
    rest = rest.slice(upTo === null ? count : rest.findIndex((uid) => uid > upTo));
    count = fitting;
    next = rest.length > 0 ? begin() : null;
    if (messages.length > 0) yield messages;
  }
}

type Batch = {
  readonly messages: readonly MessageContent[];
  /** Last UID the statement looked at; null: all that were asked for. */
  readonly upTo: Uid | null;
  /** How many messages of the size of these are about a batch. */
  readonly fitting: number;
};

async function readBatch<C>(
  { access, select }: ReadMessagesTools<C>,
  request: ReadMessages,
  attempt: Attempt,
): Promise<Batch> {
  // Where not even the primary has everything, what was found there counts: the last answer that came.
  let last: Answer | null = null;
  const { learntAt } = request;
  const read = await access.readContent(
    async (c) => {
      const answer = collect(await select(c, request), request);
      last = answer;
      const { missing, bytes } = answer;
      return missing > 0
        ? { complete: false, missing, corrupt: corruptOf(answer, request) }
        : { complete: true, value: answer.batch, bytes };
    },
    learntAt === undefined ? attempt : { ...attempt, learntAt },
  );
  if (read.complete) return read.value;
  if (read.corrupt !== undefined) throw new ContentCorrupt(read.corrupt);
  const answer = last as Answer | null;
  if (answer === null) throw new Error('content was said to be incomplete without asking anybody');
  return answer.batch;
}

const corruptOf = ({ corrupt }: Answer, { mailbox }: ReadMessages): string | undefined =>
  corrupt.length === 0 ? undefined : `messages ${corrupt.join(', ')} of ${mailbox}`;

type Answer = {
  readonly batch: Batch;
  readonly missing: number;
  /** Counted as missing too: another member may have a sound copy. */
  readonly corrupt: readonly Uid[];
  readonly bytes: number;
};

/** Sorts what came into messages, missing ones and ones that do not match their hash. */
function collect(found: readonly ContentRow[], request: ReadMessages): Answer {
  const sound = found.filter((row) => row.found && !row.corrupt);
  const corrupt = found.filter((row) => row.found && row.corrupt).map(({ message }) => message.uid);
  const bytes = sound.reduce((sum, row) => sum + row.bytes, 0);
  octetsPassed(bytes / LEFT_BEHIND);
  const last = found.at(-1);
  const upTo = last === undefined || found.length === request.uids.length ? null : last.message.uid;
  const mean = Math.max(1, bytes / Math.max(1, sound.length));
  const fitting = Math.min(BATCH_UIDS, Math.ceil((SPARE * BATCH_BYTES) / mean));
  const messages = sound.map(({ message }) => message);
  return { batch: { messages, upTo, fitting }, missing: found.length - sound.length, corrupt, bytes };
}
