import { isAscii } from 'node:buffer';
import { headerValues } from '../../mime/header-values.ts';
import type { PartIndex } from '../../mime/part-index.ts';
import { foldText } from '../../mime/text/needle.ts';
import { type TextListener, TextSearch } from '../../mime/text/text-search.ts';
import type { MessageContent } from '../../store/content-store.ts';
import type { SoughtTexts } from './search-plan.ts';
import type { HeaderFacts, MessageFacts, TextFacts } from './search-predicate.ts';

/** RFC 3501, 6.4.4: the day of INTERNALDATE, "disregarding time and timezone"; answers to FETCH give it in UTC. */
export function columnFacts(content: MessageContent): NonNullable<MessageFacts['columns']> {
  const { internalDate = new Date(0), size = 0 } = content;
  // RFC 8514, 4.3: where there is no save date, the internal one stands for it.
  const { savedAt = internalDate } = content;
  const arrived = Math.floor(internalDate.getTime() / 1000);
  return { internalDay: dayOf(internalDate), savedDay: dayOf(savedAt), arrived, size };
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

export function headerFacts(content: MessageContent): HeaderFacts {
  const header = content.header ?? Buffer.alloc(0);
  const mayContain = glance(header);
  const known = new Map<string, readonly string[]>();
  const valuesOf = (field: string): readonly string[] =>
    known.getOrInsertComputed(field, () => headerValues(header, field).map(foldText));
  return {
    sentDay: content.sentDay ?? null,
    contains(field, value) {
      const sought = foldText(value);
      return mayContain(sought) && valuesOf(field).some((text) => text.includes(sought));
    },
  };
}

/** Has no blank, at which lines are folded, and nothing that more than one octet stands for. */
const ONE_WORD = /^[!-~]+$/;

/**
 * False where a header cannot contain a text, whatever the field: found without taking it apart, which most messages of a search are
 * spared by. Of a header with encoded words, or other than ASCII, nothing can be said so.
 */
function glance(header: Buffer): (sought: string) => boolean {
  let folded: string | null = null;
  return (sought) => {
    if (!ONE_WORD.test(sought) || !isAscii(header)) return true;
    // Of ASCII the same as `foldText`, without looking once more.
    folded ??= header.toString('latin1').toUpperCase();
    return folded.includes(sought) || folded.includes('=?');
  };
}

export type ReadText = {
  readonly facts: TextFacts;
  /** Whether all of the text was looked through. */
  readonly whole: boolean;
};

/** Looks through a message as its octets arrive; stops reading once nothing can change the answer. */
export async function readText(
  { uid, partIndex }: MessageContent,
  search: { readonly sought: SoughtTexts; readonly listener: TextListener | null },
  raw: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<ReadText> {
  if (partIndex === undefined) throw new Error(`message ${uid} was read without its part index`);
  const { sought, listener } = search;
  const looking = new TextSearch(JSON.parse(partIndex.toString()) as PartIndex, sought, listener);
  let whole = true;
  for await (const piece of raw) {
    looking.write(piece);
    whole = looking.seenAll || !looking.done;
    if (looking.done) break;
  }
  const found = looking.end();
  const [inBody, anywhere] = [foundOf(sought.body, found.body), foundOf(sought.text, found.text)];
  return { facts: { body: (value) => inBody.has(value), text: (value) => anywhere.has(value) }, whole };
}

const foundOf = (sought: readonly string[], found: readonly boolean[]): ReadonlySet<string> =>
  new Set(sought.filter((_, at) => found[at] === true));
