import { detached } from '../../../mime/detached.ts';
import { messageIds } from '../../../mime/message-ids.ts';
import { type EnvelopeFacts, readEnvelope } from '../../../mime/read-envelope.ts';
import { selectFields } from '../../../mime/select-fields.ts';
import { baseSubject } from '../../../mime/text/base-subject.ts';
import { decodeHeaderText } from '../../../mime/text/encoded-words.ts';
import { unicodeCasemap } from '../../../mime/text/unicode-casemap.ts';
import type { ThreadingAlgorithm } from '../../../protocol/command.ts';
import type { ContentField, MessageContent } from '../../../store/content-store.ts';
import { type FoundContent, type ReadRun, readFound } from '../read-found.ts';
import type { Found } from '../run-search.ts';
import { sentDate } from '../sent-date.ts';
import { MOST_TO_COMPARE } from '../sort-found.ts';
import { orderedSubjectThreads } from './ordered-subject.ts';
import { ReferenceThreads } from './references.ts';
import type { Threadable, ThreadNode } from './thread-node.ts';

const FIELDS: Readonly<Record<ThreadingAlgorithm, ReadonlySet<ContentField>>> = {
  ORDEREDSUBJECT: new Set<ContentField>(['internalDate', 'envelope']),
  // ENVELOPE knows everything but the References field.
  REFERENCES: new Set<ContentField>(['internalDate', 'envelope', 'header']),
};

/**
 * Puts found messages into threads. Only what they are compared by is kept of them; `tooMuch` where even that is more than
 * `MOST_TO_COMPARE` characters.
 */
export async function threadFound(
  found: readonly Found[],
  algorithm: ThreadingAlgorithm,
  run: ReadRun,
): Promise<readonly ThreadNode[] | 'tooMuch'> {
  const messages: Threadable[] = [];
  const references = new ReferenceThreads();
  let kept = 0;
  for await (const batch of readFound(found, FIELDS[algorithm], run)) {
    for (const each of batch) {
      const envelope = envelopeOf(each.content);
      const threadable = threadableOf(each, envelope);
      kept += threadable.subject.length;
      if (algorithm === 'REFERENCES') references.add(threadable, ancestryOf(each.content, envelope));
      else messages.push(threadable);
    }
    if (kept + references.characters > MOST_TO_COMPARE) return 'tooMuch';
  }
  return algorithm === 'REFERENCES' ? references.threads() : orderedSubjectThreads(messages);
}

function envelopeOf({ uid, envelope }: MessageContent): EnvelopeFacts {
  if (envelope === undefined) throw new Error(`message ${uid} was read without its ENVELOPE`);
  return readEnvelope(envelope);
}

function threadableOf({ message, content }: FoundContent, envelope: EnvelopeFacts): Threadable {
  const { text, replyOrForward } = baseSubject(decodeHeaderText(envelope.subject ?? ''));
  const date = sentDate(envelope.date, content.internalDate);
  return { message, date, subject: detached(unicodeCasemap(text)), replyOrForward };
}

/** RFC 5256, 3: the References field; where that names no Message ID, the first one of In-Reply-To. */
function ancestryOf(
  { header }: MessageContent,
  { messageId, inReplyTo }: EnvelopeFacts,
): { readonly id: string | null; readonly references: readonly string[] } {
  const field = header === undefined ? '' : selectFields(header, ['References'], false).toString('latin1');
  const references = messageIds(field);
  const parents = references.length > 0 ? references : messageIds(inReplyTo ?? '').slice(0, 1);
  return { id: messageIds(messageId ?? '')[0] ?? null, references: parents };
}
