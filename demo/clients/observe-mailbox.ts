import { createHash } from 'node:crypto';
import type { FetchMessageObject } from 'imapflow';
import type { ObservationEvent, ObservedMessage } from '../checker/history.ts';
import type { Asked, MailSession } from './mail-session.ts';
import { must } from './must.ts';
import type { Recorder } from './recorder.ts';

/** Looks at a mailbox in which others expunge, until one look was not disturbed; or was refused, for want of a writer. */
const LOOKS = 5;

/**
 * Reads a mailbox whole, bodies too, and records what was seen. Selects it anew, so that nothing comes from a cache.
 * @throws Error where every look was refused
 */
export async function observeMailbox(
  session: MailSession,
  mailbox: string,
  recorder: Recorder,
): Promise<ObservationEvent> {
  let asked = await look(session, mailbox, recorder);
  for (let looks = 1; looks < LOOKS && asked.value?.whole !== true && session.client.usable; looks++)
    asked = await look(session, mailbox, recorder);
  const event = await must(`${session.name}: a look at ${mailbox}`, asked);
  recorder.add(event);
  return event;
}

type Look = Pick<Asked<ObservationEvent>, 'value' | 'refusal'>;

async function look(session: MailSession, mailbox: string, recorder: Recorder): Promise<Look> {
  const { client, name, login } = session;
  const begun = recorder.now();
  const examined = await session.ask('EXAMINE', () => client.mailboxOpen(mailbox, { readOnly: true }));
  const box = examined.value;
  if (box === null) return { value: null, refusal: examined.refusal };
  // Now: imapflow goes on counting what arrives.
  const { exists } = box;
  const { value: found, refusal } = exists === 0 ? NOTHING : await readAll(session);
  const ended = recorder.now();
  await session.ask('CLOSE', () => client.mailboxClose());
  if (found === null) return { value: null, refusal };
  const value: ObservationEvent = {
    kind: 'observation',
    partition: login.partition,
    user: login.user,
    mailbox,
    client: name,
    begun,
    ended,
    uidValidity: Number(box.uidValidity),
    uidNext: box.uidNext,
    highestModSeq: box.highestModseq === undefined ? null : Number(box.highestModseq),
    messages: found,
    // More may have arrived since the SELECT; with fewer, others expunged some, or an answer was cut short.
    whole: found.length >= exists,
  };
  return { value, refusal: null };
}

type Found = Pick<Asked<readonly ObservedMessage[]>, 'value' | 'refusal'>;
const NOTHING: Found = { value: [], refusal: null };

async function readAll(session: MailSession): Promise<Found> {
  const { value, refusal } = await session.ask('FETCH BODY[]', () =>
    session.client.fetchAll('1:*', { uid: true, flags: true, source: true }, { uid: false }),
  );
  if (value === null) return { value, refusal };
  // By message number: no other message gets one while a FETCH is answered. An answer without a UID only tells of flags.
  const bySequence = new Map<number, ObservedMessage>();
  for (const message of value) bySequence.set(message.seq, seen(message, bySequence.get(message.seq)));
  return { value: [...bySequence.values()].filter(({ uid }) => uid !== UNKNOWN_UID), refusal: null };
}

const UNKNOWN_UID = 0;

/** Among the answers are flags that others changed meanwhile, without the body. */
function seen({ uid, source, flags, modseq }: Partial<FetchMessageObject>, before?: ObservedMessage): ObservedMessage {
  return {
    uid: uid ?? before?.uid ?? UNKNOWN_UID,
    hash: source === undefined ? (before?.hash ?? null) : createHash('sha256').update(source).digest('hex'),
    flags: flags === undefined ? (before?.flags ?? []) : [...flags],
    modSeq: modseq === undefined ? (before?.modSeq ?? null) : Number(modseq),
  };
}
