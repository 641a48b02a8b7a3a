import type { SearchKey } from '../../protocol/searching/search-key.ts';
import { SAVED } from '../../protocol/sets/message-set.ts';
import type { ContentField } from '../../store/content-store.ts';
import { loosened } from './fuzzy/loosened.ts';

/** Stages of a search, cheapest first. Each looks only at messages of which the ones before could not decide. */
export type SearchStage = 'columns' | 'identity' | 'header' | 'signature' | 'text';

const STAGES: readonly SearchStage[] = ['columns', 'identity', 'header', 'signature', 'text'];

/** What a stage reads of a message. */
const stageFields: Readonly<Record<SearchStage, ReadonlySet<ContentField>>> = {
  columns: new Set<ContentField>(['internalDate', 'size']),
  identity: new Set<ContentField>(['internalDate', 'contentHash']),
  header: new Set<ContentField>(['header', 'sentDay']),
  signature: new Set<ContentField>(['bodySignature']),
  text: new Set<ContentField>(['size', 'partIndex', 'raw']),
};

/** What these stages read. Lately appended messages are in memory without the time at which they were saved: it is read where it is asked for. */
export function fieldsOf(stages: readonly SearchStage[], key: SearchKey): ReadonlySet<ContentField> {
  const fields = stages.flatMap((stage) => Array.from(stageFields[stage]));
  const more: ContentField[] = usesSaveDate(key) ? ['savedAt'] : [];
  if (stages.includes('signature') && uses(key, ['text'])) more.push('headerSignature');
  return new Set([...fields, ...more]);
}

/**
 * The stages that a key needs beyond the view, in their order.
 *
 * @param signed texts are looked for in signatures first
 */
export function searchStages(key: SearchKey, signed = false): readonly SearchStage[] {
  const needed = new Set<SearchStage>(signed ? ['signature'] : []);
  visit(key, (leaf) => {
    const stage = stageOf(leaf);
    if (stage !== null) needed.add(stage);
  });
  return STAGES.filter((stage) => needed.has(stage));
}

/** Strings that BODY and TEXT look for, each once. */
export type SoughtTexts = { readonly body: readonly string[]; readonly text: readonly string[] };

/** `further`: keys that are to be answered too. */
export function soughtTexts(key: SearchKey, further: readonly SearchKey[] = []): SoughtTexts {
  const sought = { body: new Set<string>(), text: new Set<string>() };
  for (const each of [key, ...further]) {
    visit(each, (leaf) => {
      if (leaf.kind === 'body' || leaf.kind === 'text') sought[leaf.kind].add(leaf.value);
    });
  }
  return { body: Array.from(sought.body), text: Array.from(sought.text) };
}

/** RFC 5182: the key speaks of `$`. */
export function usesSaved(key: SearchKey): boolean {
  let found = false;
  visit(key, (leaf) => {
    if ((leaf.kind === 'sequence' || leaf.kind === 'uid') && leaf.set === SAVED) found = true;
  });
  return found;
}

/** RFC 7162, 3.1.5: the answer to a search for MODSEQ tells the highest one found. */
export const usesModSeq = (key: SearchKey): boolean => uses(key, ['modseq']);
/** RFC 5032. */
export const usesAge = (key: SearchKey): boolean => uses(key, ['age']);

/** Does a search name messages by their numbers, not only by `$`? */
export function namesNumbers(key: SearchKey): boolean {
  let found = false;
  visit(key, (leaf) => {
    if (leaf.kind === 'sequence' && leaf.set !== SAVED) found = true;
  });
  return found;
}

/** Does a search name message numbers? */
export const usesSequences = (key: SearchKey): boolean => uses(key, ['sequence']);
/** Can a change of flags bring a message into the results of a search, or out of them? */
export const dependsOnFlags = (key: SearchKey): boolean => uses(key, ['flag', 'recent', 'modseq']);
/** RFC 8474. */
export const usesObjectId = (key: SearchKey): boolean => uses(key, ['emailId', 'threadId']);
/** RFC 8514. */
export const usesSaveDate = (key: SearchKey): boolean => uses(key, ['savedDate', 'saveDateSupported']);

function uses(key: SearchKey, kinds: readonly SearchKey['kind'][]): boolean {
  let found = false;
  visit(key, (leaf) => {
    if (kinds.includes(leaf.kind)) found = true;
  });
  return found;
}

function stageOf(key: SearchKey): SearchStage | null {
  switch (key.kind) {
    case 'size':
    case 'age':
    case 'internalDate':
    case 'savedDate':
      return 'columns';
    case 'emailId':
      return 'identity';
    case 'header':
    case 'sentDate':
      return 'header';
    case 'body':
    case 'text':
      return 'text';
    default:
      return null;
  }
}

function visit(key: SearchKey, see: (leaf: SearchKey) => void): void {
  if (key.kind === 'and') for (const inner of key.keys) visit(inner, see);
  else if (key.kind === 'or') {
    visit(key.left, see);
    visit(key.right, see);
  } else if (key.kind === 'not') visit(key.key, see);
  else if (key.kind === 'fuzzy') visit(loosened(key.key), see);
  else see(key);
}
