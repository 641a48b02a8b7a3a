import { detached } from '../../mime/detached.ts';
import { type EnvelopeAddress, type EnvelopeFacts, readEnvelope } from '../../mime/read-envelope.ts';
import { baseSubject } from '../../mime/text/base-subject.ts';
import { decodeHeaderText } from '../../mime/text/encoded-words.ts';
import { unicodeCasemap } from '../../mime/text/unicode-casemap.ts';
import type { SortCriterion } from '../../protocol/searching/sort-criterion.ts';
import type { ContentField, MessageContent } from '../../store/content-store.ts';
import { sentDate } from './sent-date.ts';

/** By which two messages compare, by `<`; of one criterion always the same type. */
export type SortValue = number | string;

type SortKey = SortCriterion['key'];

/** What must be read of a message to sort by a key. */
export function sortFields(key: SortKey): readonly ContentField[] {
  if (key === 'ARRIVAL') return ['internalDate'];
  if (key === 'SIZE') return ['size'];
  if (key === 'RELEVANCY') return [];
  return key === 'DATE' ? ['internalDate', 'envelope'] : ['envelope'];
}

/** RFC 5256, BASE.6.4.SORT; RFC 5957, 3 and 4; RFC 6203, 6. What a message does not have is the empty string, before all others. */
export function sortValues(content: MessageContent, keys: readonly SortKey[], relevancy = 1): readonly SortValue[] {
  const envelope = content.envelope === undefined ? null : readEnvelope(content.envelope);
  return keys.map((key) => {
    if (key === 'ARRIVAL') return content.internalDate?.getTime() ?? 0;
    if (key === 'SIZE') return content.size ?? 0;
    // RFC 6203, 6: the highest comes first.
    if (key === 'RELEVANCY') return -relevancy;
    if (key === 'DATE') return sentDate(envelope?.date ?? null, content.internalDate);
    return detached(unicodeCasemap(envelope === null ? '' : sortText(envelope, key)));
  });
}

function sortText(envelope: EnvelopeFacts, key: Exclude<SortKey, 'ARRIVAL' | 'SIZE' | 'DATE' | 'RELEVANCY'>): string {
  switch (key) {
    case 'SUBJECT':
      return baseSubject(decodeHeaderText(envelope.subject ?? '')).text;
    case 'FROM':
      return decodeHeaderText(envelope.from?.mailbox ?? '');
    case 'TO':
      return decodeHeaderText(envelope.to?.mailbox ?? '');
    case 'CC':
      return decodeHeaderText(envelope.cc?.mailbox ?? '');
    case 'DISPLAYFROM':
      return displayed(envelope.from);
    case 'DISPLAYTO':
      return displayed(envelope.to);
  }
}

/** RFC 5957, 3. */
function displayed(address: EnvelopeAddress | null): string {
  const name = decodeHeaderText(address?.name ?? '');
  if (name !== '' || address === null) return name;
  const mailbox = address.mailbox ?? '';
  return decodeHeaderText(address.host === null || mailbox === '' ? mailbox : `${mailbox}@${address.host}`);
}
