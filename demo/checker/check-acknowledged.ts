import { groupBy, ofKind } from './group.ts';
import { type AppendEvent, type ExpungeEvent, type FlagsEvent, mailboxKey, type ObservationEvent } from './history.ts';
import type { Check } from './verdict.ts';

/**
 * I1: in a Quorum partition everything acknowledged is there in the last whole observation that began after it: messages
 * by content, flags by their last acknowledged value, expunged messages gone.
 */
export const checkAcknowledged: Check = (history, rules) => {
  const quorum = (event: { partition: string }): boolean => rules.durability[event.partition] === 'Quorum';
  const last = lastWhole(ofKind(history, 'observation').filter(quorum));
  const appends = ofKind(history, 'append').filter((e) => quorum(e) && e.outcome === 'ok');
  const flags = ofKind(history, 'flags').filter(quorum);
  const expunges = ofKind(history, 'expunge').filter(quorum);
  const judged = [
    ...appends.map((append) => judgeAppend(append, last, expunges)),
    ...[...groupBy(flags, messageFlag).values()].map((writes) => judgeFlag(writes, last)),
    ...expunges.filter((e) => e.outcome === 'ok').map((expunge) => judgeExpunge(expunge, last)),
  ];
  return {
    invariant: 'I1',
    promise: 'Quorum: nothing acknowledged is missing',
    examined: judged.length,
    violations: judged.filter((v) => v !== null),
  };
};

const messageFlag = (e: FlagsEvent): string => `${mailboxKey(e)} ${e.uid} ${e.flag}`;

/** The last whole observation of each mailbox. */
export function lastWhole(observations: readonly ObservationEvent[]): ReadonlyMap<string, ObservationEvent> {
  const last = new Map<string, ObservationEvent>();
  for (const seen of observations) {
    const before = last.get(mailboxKey(seen));
    if (seen.whole && (before === undefined || before.begun < seen.begun)) last.set(mailboxKey(seen), seen);
  }
  return last;
}

function judgeAppend(
  append: AppendEvent,
  last: ReadonlyMap<string, ObservationEvent>,
  expunges: readonly ExpungeEvent[],
): string | null {
  const where = mailboxKey(append);
  const seen = last.get(where);
  if (seen === undefined || seen.begun < append.ended)
    return `${where}: nobody looked after UID ${append.uid} was acknowledged`;
  // An expunge that was asked for, whatever became of it, is allowed to have taken the message.
  const removed = expunges.some((e) => mailboxKey(e) === where && e.uid === append.uid && e.outcome !== 'no');
  if (removed || seen.messages.some((m) => m.hash === append.hash)) return null;
  return `${where}: message ${append.hash.slice(0, 12)} was acknowledged as UID ${append.uid} and is gone`;
}

/**
 * Writes of one flag of one message. With an unfinished or overlapping write after the last acknowledged one either
 * value is right; otherwise the last acknowledged value must be there.
 */
function judgeFlag(writes: readonly FlagsEvent[], last: ReadonlyMap<string, ObservationEvent>): string | null {
  const done = writes.filter((w) => w.outcome === 'ok').sort((a, b) => a.ended - b.ended);
  const final = done.at(-1);
  if (final === undefined) return null;
  const rival = writes.some((w) => w !== final && w.outcome !== 'no' && w.set !== final.set && w.ended > final.begun);
  if (rival) return null;
  const seen = last.get(mailboxKey(final));
  if (seen === undefined || seen.begun < final.ended)
    return `${messageFlag(final)}: nobody looked after it was acknowledged`;
  const message = seen.messages.find((m) => m.uid === final.uid);
  if (message === undefined || message.flags.includes(final.flag) === final.set) return null;
  return `${messageFlag(final)}: acknowledged as ${final.set ? 'set' : 'cleared'}, found otherwise`;
}

function judgeExpunge(expunge: ExpungeEvent, last: ReadonlyMap<string, ObservationEvent>): string | null {
  const seen = last.get(mailboxKey(expunge));
  if (seen === undefined || seen.begun < expunge.ended)
    return `${mailboxKey(expunge)}: nobody looked after UID ${expunge.uid} was expunged`;
  return seen.messages.some((m) => m.uid === expunge.uid)
    ? `${mailboxKey(expunge)}: UID ${expunge.uid} was expunged and is back`
    : null;
}
