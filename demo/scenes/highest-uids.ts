import { ofKind } from '../checker/group.ts';
import { type HistoryEvent, mailboxKey } from '../checker/history.ts';

/** The highest UID by mailbox that any client has heard of so far. Pure. */
export function highestUids(history: readonly HistoryEvent[]): ReadonlyMap<string, number> {
  const highest = new Map<string, number>();
  const heard = (mailbox: string, uid: number): void =>
    void highest.set(mailbox, Math.max(uid, highest.get(mailbox) ?? 0));
  for (const append of ofKind(history, 'append')) heard(mailboxKey(append), append.uid ?? 0);
  for (const look of ofKind(history, 'observation')) for (const { uid } of look.messages) heard(mailboxKey(look), uid);
  return highest;
}
