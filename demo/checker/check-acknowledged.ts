import { groupBy, ofKind } from './group.ts';
import { type AppendEvent, type ExpungeEvent, type FlagsEvent, mailboxKey, type ObservationEvent } from './history.ts';
import type { Check } from './invariant.ts';

/**
 * I1: in a Quorum partition everything acknowledged is there in every whole observation that began after it: a message
 * with the UIDVALIDITY and UID that were acknowledged, a flag with its last acknowledged value, an expunged message gone.
 * A message that was lost and came back by salvage has another UID: to a client it is another message.
 */
export const checkAcknowledged: Check = (history, rules) => {
  const quorum = (event: { partition: string }): boolean => rules.durability[event.partition] === 'Quorum';
  const looks = looksByMailbox(ofKind(history, 'observation').filter(quorum));
  const appends = ofKind(history, 'append').filter((e) => quorum(e) && e.outcome === 'ok');
  const flags = [...groupBy(ofKind(history, 'flags').filter(quorum), messageFlag).values()];
  const expunges = ofKind(history, 'expunge').filter(quorum);
  const seen: Evidence = { looks, expunges: groupBy(expunges, messageOf) };
  const judged = [
    ...appends.map((append) => judgeAppend(append, seen)),
    ...flags.map((writes) => judgeFlag(writes, seen)),
    ...expunges.filter((e) => e.outcome === 'ok').map((expunge) => judgeExpunge(expunge, seen)),
  ];
  return {
    invariant: 'I1',
    promise: 'Quorum: nothing acknowledged is missing',
    examined: judged.length,
    violations: judged.filter((v) => v !== null),
  };
};

/** A whole observation, its messages by UID. */
type Look = {
  readonly at: ObservationEvent;
  readonly byUid: ReadonlyMap<number, ObservationEvent['messages'][number]>;
};
type Evidence = {
  /** By mailbox, in the order of their beginnings. */
  readonly looks: ReadonlyMap<string, readonly Look[]>;
  /** Requests, by message. */
  readonly expunges: ReadonlyMap<string, readonly ExpungeEvent[]>;
};

const messageOf = (e: ExpungeEvent | FlagsEvent | AppendEvent): string => `${mailboxKey(e)} ${e.uid}`;
const messageFlag = (e: FlagsEvent): string => `${messageOf(e)} ${e.flag}`;

function looksByMailbox(observations: readonly ObservationEvent[]): ReadonlyMap<string, readonly Look[]> {
  const looks = observations
    .filter((o) => o.whole)
    .sort((a, b) => a.begun - b.begun)
    .map((at) => ({ at, byUid: new Map(at.messages.map((m) => [m.uid, m])) }));
  return groupBy(looks, ({ at }) => mailboxKey(at));
}

/** The last whole observation of each mailbox. */
export function lastWhole(observations: readonly ObservationEvent[]): ReadonlyMap<string, ObservationEvent> {
  const looks = [...looksByMailbox(observations)];
  return new Map(looks.flatMap(([mailbox, series]) => series.slice(-1).map(({ at }) => [mailbox, at] as const)));
}

const looksAfter = (event: AppendEvent | FlagsEvent | ExpungeEvent, { looks }: Evidence): readonly Look[] =>
  (looks.get(mailboxKey(event)) ?? []).filter(({ at }) => at.begun >= event.ended);

/** An expunge that was asked for before the look was over, whatever became of it, may have taken the message. */
const mayBeExpunged = (message: string, look: Look, { expunges }: Evidence): boolean =>
  (expunges.get(message) ?? []).some((expunge) => expunge.begun < look.at.ended);

function judgeAppend(append: AppendEvent, seen: Evidence): string | null {
  const where = mailboxKey(append);
  const looks = looksAfter(append, seen);
  if (looks.length === 0) return `${where}: nobody looked after UID ${append.uid} was acknowledged`;
  const missing = looks.find((look) => !shows(look, append) && !mayBeExpunged(messageOf(append), look, seen));
  if (missing === undefined) return null;
  const now = missing.at.messages.find((m) => m.hash === append.hash);
  const instead = now === undefined ? 'is gone' : `is UID ${now.uid} of UIDVALIDITY ${missing.at.uidValidity} instead`;
  return `${where}: message ${append.hash.slice(0, 12)} was acknowledged as UID ${append.uid} and ${instead}`;
}

/** Without APPENDUID the content is all that is known. */
function shows({ at, byUid }: Look, { uid, uidValidity, hash }: AppendEvent): boolean {
  if (uid === null) return at.messages.some((m) => m.hash === hash);
  return byUid.get(uid)?.hash === hash && (uidValidity === null || uidValidity === at.uidValidity);
}

/** Writes of one flag of one message: null where every look shows what it must. */
function judgeFlag(writes: readonly FlagsEvent[], seen: Evidence): string | null {
  const done = writes.filter((w) => w.outcome === 'ok').sort((a, b) => a.ended - b.ended);
  const final = done.at(-1);
  const first = done[0];
  if (final === undefined || first === undefined) return null;
  if (looksAfter(final, seen).length === 0) return `${messageFlag(final)}: nobody looked after it was acknowledged`;
  for (const look of looksAfter(first, seen)) {
    const wrong = flagAt(writes, look, seen);
    if (wrong !== null) return `${messageFlag(final)}: ${wrong}`;
  }
  return null;
}

/**
 * With an unfinished or overlapping contrary write after the last one that was acknowledged before the look, either value
 * is right; otherwise the last acknowledged value must be there.
 */
function flagAt(writes: readonly FlagsEvent[], look: Look, seen: Evidence): string | null {
  const begun = writes.filter((w) => w.begun < look.at.ended);
  const acknowledged = begun.filter((w) => w.outcome === 'ok' && w.ended <= look.at.begun);
  const last = acknowledged.sort((a, b) => a.ended - b.ended).at(-1);
  if (last === undefined) return null;
  const is = last.set ? 'set' : 'cleared';
  const message = look.byUid.get(last.uid);
  if (message === undefined) {
    return mayBeExpunged(messageOf(last), look, seen) ? null : `acknowledged as ${is}, its message is gone`;
  }
  const rival = begun.some((w) => w !== last && w.set !== last.set && w.ended > last.begun);
  return rival || message.flags.includes(last.flag) === last.set ? null : `acknowledged as ${is}, found otherwise`;
}

function judgeExpunge(expunge: ExpungeEvent, seen: Evidence): string | null {
  const looks = looksAfter(expunge, seen);
  if (looks.length === 0) return `${mailboxKey(expunge)}: nobody looked after UID ${expunge.uid} was expunged`;
  return looks.some(({ byUid }) => byUid.has(expunge.uid))
    ? `${mailboxKey(expunge)}: UID ${expunge.uid} was expunged and is back`
    : null;
}
