import { foldText } from '../../../mime/text/needle.ts';
import { filterOf } from '../../../mime/text/signature/stored-filter.ts';
import {
  mayContain,
  type SoughtTrigrams,
  soughtTrigrams,
  type TrigramFilter,
} from '../../../mime/text/signature/trigram-filter.ts';
import type { MessageContent } from '../../../store/content-store.ts';
import type { SoughtTexts } from '../search-plan.ts';
import type { TextFacts, Verdict } from '../search-predicate.ts';

/** What a search asks signatures for, by the strings it looks for. */
export type SoughtInSignatures = ReadonlyMap<string, SoughtTrigrams>;

/** null where every string is too short for a signature to tell anything. */
export function soughtInSignatures({ body, text }: SoughtTexts): SoughtInSignatures | null {
  const sought = new Map<string, SoughtTrigrams>();
  for (const value of [...body, ...text]) {
    const trigrams = soughtTrigrams(foldText(value));
    if (trigrams !== null) sought.set(value, trigrams);
  }
  return sought.size === 0 ? null : sought;
}

/** `facts` say false or nothing: that a text may be there has to be looked at. */
export type SignatureFacts = {
  readonly facts: TextFacts;
  /** There is a signature, and this program can read it. */
  readonly known: boolean;
  /** There is none, or one of an older program: one is to be made. */
  readonly wanted: boolean;
};

export function signatureFacts(
  { bodySignature, headerSignature }: MessageContent,
  sought: SoughtInSignatures,
): SignatureFacts {
  const [body, header] = [filterOf(bodySignature), filterOf(headerSignature)];
  const inBody = (value: string): boolean => possible(body, sought.get(value));
  const inHeader = (value: string): boolean => possible(header, sought.get(value));
  return {
    facts: {
      body: (value): Verdict => (inBody(value) ? null : false),
      // A text lies in one of them whole.
      text: (value): Verdict => (inBody(value) || inHeader(value) ? null : false),
    },
    known: body !== null && body !== 'newer',
    wanted: body === null || (headerSignature !== undefined && header === null),
  };
}

const possible = (filter: TrigramFilter | 'newer' | null, sought: SoughtTrigrams | undefined): boolean =>
  filter === null || filter === 'newer' || sought === undefined || mayContain(filter, sought);
