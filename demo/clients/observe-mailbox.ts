import { createHash } from 'node:crypto';
import type { ObservationEvent } from '../checker/history.ts';
import type { MailSession } from './mail-session.ts';
import type { Recorder } from './recorder.ts';

/** Reads a mailbox whole, bodies too, and records what was seen. Selects it anew, so that nothing comes from a cache. */
export async function observeMailbox(
  session: MailSession,
  mailbox: string,
  recorder: Recorder,
): Promise<ObservationEvent> {
  const begun = recorder.now();
  const box = await session.client.mailboxOpen(mailbox, { readOnly: true });
  const found =
    box.exists === 0
      ? []
      : await session.client.fetchAll('1:*', { uid: true, flags: true, source: true }, { uid: false });
  const event: ObservationEvent = {
    kind: 'observation',
    partition: session.login.partition,
    user: session.login.user,
    mailbox,
    client: session.name,
    begun,
    ended: recorder.now(),
    uidValidity: Number(box.uidValidity),
    uidNext: box.uidNext,
    highestModSeq: box.highestModseq === undefined ? null : Number(box.highestModseq),
    messages: found.map((message) => ({
      uid: message.uid,
      hash: message.source === undefined ? null : createHash('sha256').update(message.source).digest('hex'),
      flags: [...(message.flags ?? [])],
      modSeq: message.modseq === undefined ? null : Number(message.modseq),
    })),
    whole: found.length === box.exists,
  };
  await session.client.mailboxClose();
  recorder.add(event);
  return event;
}
