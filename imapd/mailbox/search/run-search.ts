import type { SearchKey } from '../../protocol/search-key.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import { ContentGone, type MessageContent } from '../../store/content-store.ts';
import type { Uid } from '../../store/types.ts';
import type { MessageSelection } from '../mailbox-cursor.ts';
import { learntAt, uidList } from '../message-ids.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { lowerBound } from '../sorted-uids.ts';
import { columnFacts, headerFacts, textFacts } from './message-facts.ts';
import { type SearchStage, searchStages, soughtTexts, stageFields } from './search-plan.ts';
import { compileSearch, type MessageFacts } from './search-predicate.ts';

/** Messages up to this size come in batches, whole; larger ones are looked through as a stream. */
const RAW_UP_TO = 256 * 1024;

/** A message that was found; in ascending order. */
export type Found = { readonly uid: Uid; readonly sequence: number; readonly modSeq: number };

export type SearchRun = {
  readonly selected: SelectedMailbox;
  readonly attempt: Attempt;
  /** Called after every batch: so many of so many messages that must be read have been. */
  readonly onProgress: (done: number, of: number) => Promise<void>;
};

/** A message of which the stages so far could not decide. */
type Candidate = { facts: MessageFacts };

/**
 * Finds the session's messages that a key matches. The view decides what it can; what is left is read stage by stage, in
 * batches: columns, headers, and only for what still hangs on it the text. Memory is bounded by a batch.
 */
export async function runSearch(key: SearchKey, run: SearchRun): Promise<readonly Found[]> {
  const { cursor } = run.selected;
  const { keywords } = cursor.view.state;
  const test = compileSearch(key, { count: cursor.count, largestUid: cursor.largestUid, keywords });
  const found: Found[] = [];
  const keepFound = ({ facts }: Candidate): boolean => {
    const verdict = test(facts);
    if (verdict === true) found.push({ uid: facts.uid as Uid, sequence: facts.sequence, modSeq: facts.modSeq });
    return verdict === null;
  };
  let candidates = factsOfView(run.selected, keepFound);
  for (const stage of searchStages(key)) {
    const undecided: Candidate[] = [];
    for await (const candidate of readStage(stage, { key, run, candidates })) {
      if (keepFound(candidate)) undecided.push(candidate);
    }
    candidates = undecided;
  }
  return found.sort((a, b) => a.uid - b.uid);
}

function factsOfView(selected: SelectedMailbox, keep: (candidate: Candidate) => boolean): Candidate[] {
  const { cursor } = selected;
  const { table } = cursor.view;
  const { uids, sequences }: MessageSelection = cursor.all();
  const kept: Candidate[] = [];
  let index = -1;
  for (let i = 0; i < uids.length; i++) {
    const uid = uids[i] ?? 0;
    index = table.indexOf(uid, index + 1);
    const facts: MessageFacts = {
      uid,
      sequence: sequences[i] ?? 0,
      system: table.flagsAt(index),
      keywordsLow: table.keywordsLowAt(index),
      keywordsHigh: table.keywordsHighAt(index),
      recent: selected.isRecent(uid),
      modSeq: table.modSeqAt(index),
      columns: null,
      header: null,
      text: null,
    };
    if (keep({ facts })) kept.push({ facts });
  }
  return kept;
}

/** Reads what a stage needs of the candidates. A message whose content is gone is found by nothing. */
async function* readStage(
  stage: SearchStage,
  search: { readonly key: SearchKey; readonly run: SearchRun; readonly candidates: readonly Candidate[] },
): AsyncGenerator<Candidate> {
  const { run, candidates } = search;
  if (candidates.length === 0) return;
  const { store, mailbox } = run.selected;
  const uids = Uint32Array.from(candidates, ({ facts }) => facts.uid);
  const fields = stageFields[stage];
  const request = { mailbox, uids: uidList(uids), fields, rawUpTo: RAW_UP_TO, ...learntAt(uids, run.selected.cursor) };
  let done = 0;
  for await (const batch of store.readMessages(request, run.attempt)) {
    for (const content of batch) {
      const candidate = candidates[lowerBound(uids, content.uid)];
      if (candidate?.facts.uid !== content.uid) continue;
      yield { facts: { ...candidate.facts, ...(await learn(stage, { content, ...search })) } };
    }
    done += batch.length;
    await run.onProgress(done, candidates.length);
  }
}

async function learn(
  stage: SearchStage,
  from: { readonly content: MessageContent; readonly key: SearchKey; readonly run: SearchRun },
): Promise<Partial<MessageFacts>> {
  const { content, key, run } = from;
  if (stage === 'columns') return { columns: columnFacts(content) };
  if (stage === 'header') return { header: headerFacts(content) };
  try {
    return { text: await textFacts(content, soughtTexts(key), rawOf(content, run)) };
  } catch (error) {
    if (error instanceof ContentGone) return {}; // expunged and collected meanwhile: found by nothing
    throw error;
  }
}

function rawOf(content: MessageContent, run: SearchRun): AsyncIterable<Buffer> | Iterable<Buffer> {
  if (content.raw !== undefined) return [content.raw];
  const { store, mailbox } = run.selected;
  return store.readRaw({ mailbox, uid: content.uid, offset: 0, length: content.size ?? 0 }, run.attempt);
}
