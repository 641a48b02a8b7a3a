import { lastWhole } from './check-acknowledged.ts';
import { ofKind } from './group.ts';
import { type AppendEvent, type FaultEvent, type Mailbox, mailboxKey, type ObservationEvent } from './history.ts';
import type { Check } from './invariant.ts';

/** An acknowledged message that a later look at the whole mailbox did not show. */
export type Lost = { readonly append: AppendEvent; readonly missedBy: ObservationEvent };

/** Acknowledged messages of a partition that at least one whole observation, begun later, lacked. */
export function lostMessages(
  appends: readonly AppendEvent[],
  observations: readonly ObservationEvent[],
): readonly Lost[] {
  return appends
    .filter((a) => a.outcome === 'ok')
    .flatMap((append) => {
      const missedBy = observations.find(
        (o) =>
          o.whole &&
          o.begun > append.ended &&
          mailboxKey(o) === mailboxKey(append) &&
          !o.messages.some((m) => m.hash === append.hash),
      );
      return missedBy === undefined ? [] : [{ append, missedBy }];
    });
}

/**
 * I2: what an Async partition lost was acknowledged at most `maxLostSeconds` before a fault of that partition, and at the
 * end, when salvage is through, every acknowledged message is there again.
 */
export const checkLossBound: Check = (history, rules) => {
  const asynchronous = (e: { partition: string }): boolean => rules.durability[e.partition] === 'Async';
  const removed = new Set(ofKind(history, 'expunge').map(identity));
  // What a client asked to remove is not missed, whatever became of the request.
  const appends = ofKind(history, 'append').filter(
    (a) => asynchronous(a) && a.outcome === 'ok' && !removed.has(identity(a)),
  );
  const observations = ofKind(history, 'observation').filter(asynchronous);
  const faults = ofKind(history, 'fault').filter(asynchronous);
  const last = lastWhole(observations);
  const outside = lostMessages(appends, observations).filter(
    (lost) => !withinBound(lost, faults, rules.maxLostSeconds),
  );
  const never = appends.filter((a) => !last.get(mailboxKey(a))?.messages.some((m) => m.hash === a.hash));
  return {
    invariant: 'I2',
    promise: 'Async: losses within the bound, all salvaged',
    examined: appends.length,
    violations: [
      ...outside.map(({ append }) => `${mailboxKey(append)}: UID ${append.uid} was lost, older than the bound`),
      ...never.map((append) => `${mailboxKey(append)}: UID ${append.uid} never came back`),
    ],
  };
};

const identity = (e: Mailbox & { readonly uid: number | null }): string => `${mailboxKey(e)} ${e.uid}`;

function withinBound(lost: Lost, faults: readonly FaultEvent[], bounds: Readonly<Record<string, number>>): boolean {
  const boundMs = (bounds[lost.append.partition] ?? 0) * 1000;
  return faults.some(
    (fault) =>
      fault.partition === lost.append.partition &&
      fault.until >= lost.append.begun &&
      fault.at - lost.append.ended <= boundMs,
  );
}
