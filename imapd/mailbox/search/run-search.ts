import { SignatureMaker } from '../../mime/text/signature/signature-maker.ts';
import type { SearchKey } from '../../protocol/searching/search-key.ts';
import type { IdSet } from '../../protocol/sets/id-set.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import { ContentGone, type MessageContent } from '../../store/content-store.ts';
import type { Uid } from '../../store/types.ts';
import type { MessageSelection } from '../mailbox-cursor.ts';
import { learntAt, uidList } from '../message-ids.ts';
import { emailObjectId } from '../object-ids.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { lowerBound } from '../sorted-uids.ts';
import { compileRelevancy, scoringKeys } from './fuzzy/relevancy.ts';
import { columnFacts, headerFacts, readText } from './message-facts.ts';
import { fieldsOf, type SearchStage, type SoughtTexts, searchStages, soughtTexts } from './search-plan.ts';
import { compileSearch, type MessageFacts } from './search-predicate.ts';
import { BatchNote } from './signature/batch-note.ts';
import { type SoughtInSignatures, signatureFacts, soughtInSignatures } from './signature/signature-facts.ts';

/** Messages up to this size come in batches, whole; larger ones are looked through as a stream. */
const RAW_UP_TO = 256 * 1024;

/** A message that was found; in ascending order. */
export type Found = {
  readonly uid: Uid;
  readonly sequence: number;
  readonly modSeq: number;
  /** RFC 6203, 4: 1 to 100, where it was asked for. */
  readonly relevancy?: number;
};

/** A mailbox as somebody sees it. */
export type Searchable = Pick<SelectedMailbox, 'cursor' | 'store' | 'mailbox' | 'isRecent'>;

export type SearchRun = {
  readonly selected: Searchable;
  readonly attempt: Attempt;
  /** What `$` in the key stands for. */
  readonly saved: IdSet;
  /** Only these of the session's messages; absent: all. */
  readonly among?: MessageSelection;
  /** What OLDER and YOUNGER count from. */
  readonly now: Date;
  /** Whether it is told how relevant each is (RFC 6203, 4). */
  readonly scored?: boolean;
  /** Called after every batch: so many of so many messages that must be read have been. */
  readonly onProgress: (done: number, of: number) => Promise<void>;
};

/**
 * Finds the session's messages that a key matches. The view decides what it can; what is left is read stage by stage, in
 * batches: columns, headers, and only for what still hangs on it the text. Between stages nothing is kept of a message
 * but its UID: memory is bounded by a batch, and a later stage reads the little that earlier ones had.
 */
export async function runSearch(key: SearchKey, run: SearchRun): Promise<readonly Found[]> {
  const { cursor } = run.selected;
  const { keywords } = cursor.view.state;
  const now = Math.floor(run.now.getTime() / 1000);
  const { count, largestUid } = cursor;
  const scope = { count, largestUid, keywords, saved: run.saved, now };
  const test = compileSearch(key, scope);
  const relevancyOf = run.scored === true ? compileRelevancy(key, scope) : null;
  const found: Found[] = [];
  const decide = (facts: MessageFacts, foundLater = false): boolean => {
    const verdict = test(facts);
    if (verdict === true && foundLater) return false;
    if (verdict === true) {
      const message = { uid: facts.uid as Uid, sequence: facts.sequence, modSeq: facts.modSeq };
      found.push(relevancyOf === null ? message : { ...message, relevancy: relevancyOf(facts) });
    }
    return verdict !== null;
  };
  let undecided = searchView(run, decide);
  const signed = soughtIn(run.selected, key);
  const stages = searchStages(key, signed !== null);
  const sought = soughtTexts(key, run.scored === true ? scoringKeys(key) : []);
  const unsigned = new Set<Uid>();
  for (const [position, stage] of stages.entries()) {
    if (undecided.uids.length === 0) break;
    // A signature says nothing that the text does not say better.
    const known = stages.slice(0, position + 1).filter((each) => each !== 'signature' || stage === 'signature');
    undecided = await searchContent({ key, run, decide, sought, signed, unsigned, stage, stages: known }, undecided);
  }
  return found.sort((a, b) => a.uid - b.uid);
}

/** Gives the messages of which the view alone cannot decide. */
function searchView({ selected, among }: SearchRun, decide: (facts: MessageFacts) => boolean): MessageSelection {
  const messages = among ?? selected.cursor.all();
  const open = new Uint8Array(messages.uids.length);
  let index = -1;
  for (let i = 0; i < open.length; i++) {
    index = selected.cursor.view.table.indexOf(messages.uids[i] ?? 0, index + 1);
    if (!decide(viewFacts(selected, { index, sequence: messages.sequences[i] ?? 0 }))) open[i] = 1;
  }
  return pick(messages, open);
}

/** null where nothing is kept of texts, or it cannot help. */
function soughtIn({ store }: Searchable, key: SearchKey): SoughtInSignatures | null {
  const sought = soughtInSignatures(soughtTexts(key));
  return sought === null || store.signatures() === null ? null : sought;
}

type StageRun = {
  readonly key: SearchKey;
  readonly run: SearchRun;
  /** `foundLater`: only what is not found is settled. */
  readonly decide: (facts: MessageFacts, foundLater?: boolean) => boolean;
  readonly stage: SearchStage;
  /** This one and the ones before. */
  readonly stages: readonly SearchStage[];
  readonly sought: SoughtTexts;
  /** null: there are no signatures, or they cannot help. */
  readonly signed: SoughtInSignatures | null;
  /** Messages whose signature is to be made once their text is read. */
  readonly unsigned: Set<Uid>;
};

/** Gives the messages of which it is still undecided. A message whose content is gone is found by nothing. */
async function searchContent(search: StageRun, messages: MessageSelection): Promise<MessageSelection> {
  const { run, stages } = search;
  const { store, mailbox, cursor } = run.selected;
  const open = new Uint8Array(messages.uids.length);
  const request = {
    mailbox,
    uids: uidList(messages.uids),
    fields: fieldsOf(stages, search.key),
    rawUpTo: RAW_UP_TO,
    ...learntAt(messages.uids, cursor),
  };
  let done = 0;
  for await (const batch of store.readMessages(request, run.attempt)) {
    const note = new BatchNote();
    for (const content of batch) {
      const i = lowerBound(messages.uids, content.uid);
      const index = cursor.view.table.indexOf(content.uid);
      const facts = viewFacts(run.selected, { index, sequence: messages.sequences[i] ?? 0 });
      const known = { ...facts, ...learn(search, content) };
      const look = search.stage === 'signature' ? lookAtSignature : lookAtText;
      if (!(await look(known, content, { search, note }))) open[i] = 1;
    }
    if (search.signed !== null) store.signatures()?.note(mailbox, note);
    done += batch.length;
    await run.onProgress(done, messages.uids.length);
  }
  return pick(messages, open);
}

type Noting = { readonly search: StageRun; readonly note: BatchNote };

/** Whether what is known of a message settles it, with the signature. */
function lookAtSignature(known: MessageFacts, content: MessageContent, { search, note }: Noting): boolean {
  const { facts, known: isSigned, wanted } = signatureFacts(content, search.signed ?? new Map());
  // How relevant a message is only its text tells.
  const settled = search.decide({ ...known, text: facts }, search.run.scored);
  if (wanted && !settled) search.unsigned.add(content.uid);
  if (!isSigned) note.missing += 1;
  else if (settled) note.excluded += 1;
  else note.passed += 1;
  return settled;
}

/** The same with the text, in the last stage. */
async function lookAtText(known: MessageFacts, content: MessageContent, { search, note }: Noting): Promise<boolean> {
  const text = search.stage === 'text' ? await textOf(content, search, note) : null;
  return search.decide({ ...known, text });
}

function pick(messages: MessageSelection, open: Uint8Array): MessageSelection {
  const isOpen = (_: number, position: number): boolean => open[position] === 1;
  return { uids: messages.uids.filter(isOpen), sequences: messages.sequences.filter(isOpen) };
}

function viewFacts(selected: Searchable, at: { readonly index: number; readonly sequence: number }): MessageFacts {
  const { table } = selected.cursor.view;
  const { index, sequence } = at;
  const uid = table.uidAt(index);
  return {
    uid,
    sequence,
    system: table.flagsAt(index),
    keywordsLow: table.keywordsLowAt(index),
    keywordsHigh: table.keywordsHighAt(index),
    recent: selected.isRecent(uid),
    modSeq: table.modSeqAt(index),
    columns: null,
    identity: null,
    header: null,
    text: null,
  };
}

function learn({ stages }: StageRun, content: MessageContent): Partial<MessageFacts> {
  return {
    columns: stages.includes('columns') ? columnFacts(content) : null,
    identity: stages.includes('identity') ? { emailId: emailObjectId(content) } : null,
    header: stages.includes('header') ? headerFacts(content) : null,
  };
}

/** null where the message was expunged and its content collected meanwhile. */
async function textOf(content: MessageContent, search: StageRun, note: BatchNote): Promise<MessageFacts['text']> {
  const { sought, run, unsigned } = search;
  const maker = unsigned.has(content.uid) ? new SignatureMaker() : null;
  try {
    const { facts, whole } = await readText(content, { sought, listener: maker }, rawOf(content, run));
    if (maker !== null && whole) note.made.push({ uid: content.uid, ...maker.finish() });
    return facts;
  } catch (error) {
    if (error instanceof ContentGone) return null;
    throw error;
  }
}

function rawOf(content: MessageContent, run: SearchRun): AsyncIterable<Buffer> | Iterable<Buffer> {
  if (content.raw !== undefined) return [content.raw];
  const { store, mailbox } = run.selected;
  return store.readRaw({ mailbox, uid: content.uid, offset: 0, length: content.size ?? 0 }, run.attempt);
}
