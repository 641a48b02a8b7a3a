import type { CommandContext } from '../../commands/command-handler.ts';
import type { FetchItem } from '../../protocol/fetch-item.ts';
import type { MessageContent } from '../../store/content-store.ts';
import { systemFlags, type Uid } from '../../store/types.ts';
import type { MessageSelection } from '../mailbox-cursor.ts';
import type { MailboxServices } from '../mailbox-services.ts';
import { learntAt, uidList } from '../message-ids.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { lowerBound } from '../sorted-uids.ts';
import { withoutHold } from '../without-hold.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { type MessageToWrite, MessageWriter } from './message-writer.ts';

/** Messages up to this size come in batches, whole; larger ones are streamed, one after the other. */
const RAW_UP_TO = 256 * 1024;

export type FetchRun = {
  readonly selected: SelectedMailbox;
  readonly services: MailboxServices;
  readonly context: CommandContext;
  readonly plan: FetchPlan;
};

export type Fetched = {
  /** How many messages were found. */
  readonly found: number;
  /** A part was asked for whose transfer encoding is not known here. */
  readonly undecodable: boolean;
};

/** FETCH with content: a statement a batch, never one a message. */
export async function fetchContent(run: FetchRun, messages: MessageSelection): Promise<Fetched> {
  const { selected, context, plan } = run;
  const writer = new MessageWriter(selected, context);
  const request = {
    mailbox: selected.mailbox,
    uids: uidList(messages.uids),
    fields: plan.fields,
    rawUpTo: RAW_UP_TO,
    ...learntAt(messages.uids, selected.cursor),
    ...selected.walk.ahead(messages.uids, selected.cursor),
  };
  let found = 0;
  for await (const batch of selected.store.readMessages(request, context.attempt)) {
    const seen = plan.marksSeen ? await markSeen(run, batch) : NONE;
    found += await writeBatch(batch, writer, (content) => ({
      content,
      sequence: messages.sequences[lowerBound(messages.uids, content.uid)] ?? 0,
      items: seen.has(content.uid) ? withFlags(plan.items, selected) : plan.items,
    }));
    await writer.flush();
  }
  return { found, undecodable: writer.undecodable };
}

/** Gives how many there were to be written. */
async function writeBatch(
  batch: readonly MessageContent[],
  writer: MessageWriter,
  toWrite: (content: MessageContent) => MessageToWrite,
): Promise<number> {
  let found = 0;
  for (const content of batch) {
    const written = writer.write(toWrite(content));
    // Nearly always it is done at once: to wait for that would cost more than to write it.
    found += Number(typeof written === 'boolean' ? written : await written);
  }
  return found;
}

const NONE: ReadonlySet<Uid> = new Set();

/**
 * Sets \Seen on what of a batch has it not yet. Gives the messages whose flags changed by that: told in their answers.
 * Without a writer it is done later, and told then.
 */
async function markSeen(run: FetchRun, batch: readonly MessageContent[]): Promise<ReadonlySet<Uid>> {
  const { selected, services, context } = run;
  const { cursor, mailbox, store } = selected;
  const { table } = cursor.view;
  const unseen = batch
    .map(({ uid }) => uid)
    .filter((uid) => (table.flagsAt(table.indexOf(uid)) & systemFlags['\\Seen']) === 0);
  if (!selected.permits('s') || unseen.length === 0) return NONE;
  const change = { mode: 'add', system: systemFlags['\\Seen'], keywords: [] } as const;
  const flags = { mailbox, ...selected.byReader, uids: unseen, change, unchangedSince: null };
  const request = { operation: context.newOperation(), ...flags };
  const outcome = await withoutHold((attempt) => store.storeFlags(request, attempt));
  if (outcome === 'unavailable') services.deferred.markSeen(store, { mailbox, ...selected.byReader }, unseen);
  if (outcome === 'unavailable' || outcome.kind !== 'stored') return NONE;
  cursor.view.applyStored(outcome);
  cursor.acknowledge(outcome.modSeq);
  await services.views.announce(mailbox, outcome.modSeq);
  return new Set(outcome.rows.uids.subarray(0, outcome.rows.count)) as ReadonlySet<number> as ReadonlySet<Uid>;
}

/** RFC 3501, 7.4.2: flags that a FETCH changed are part of its answer; with CONDSTORE all that RFC 7162, 3.2.4 wants. */
function withFlags(items: readonly FetchItem[], { condstore, uidOnly }: SelectedMailbox): readonly FetchItem[] {
  const wanted = condstore ? (['UID', 'FLAGS', 'MODSEQ'] as const) : (['FLAGS'] as const);
  const missing = wanted.filter((kind) => !(uidOnly && kind === 'UID') && !items.some((item) => item.kind === kind));
  return [...items, ...missing.map((kind) => ({ kind }))];
}
