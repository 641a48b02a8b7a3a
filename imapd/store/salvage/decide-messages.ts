/** What is to be done about a message of the tail. */
export type Decision =
  /** Decided by an earlier run. */
  | { readonly kind: 'decided' }
  /** Its operation was repeated at the new primary, or a message of equal content came there: nothing is missing. */
  | { readonly kind: 'known'; readonly uid: number | null }
  | { readonly kind: 'bring' };

export type TailMessage = { readonly uid: number; readonly operation: string; readonly hash: string };

export type Knowledge = {
  readonly decided: ReadonlySet<number>;
  readonly operations: ReadonlySet<string>;
  /**
   * By content hash: UIDs in the same mailbox that came after the fork and stand for no other message of the tail. Three
   * equal messages of which one was sent again are still two to bring.
   */
  readonly arrived: ReadonlyMap<string, readonly number[]>;
};

export function decideMessages(
  messages: readonly TailMessage[],
  { decided, operations, arrived }: Knowledge,
): ReadonlyMap<number, Decision> {
  const free = new Map([...arrived].map(([hash, uids]) => [hash, [...uids]]));
  const decisions = new Map<number, Decision>();
  for (const { uid, operation, hash } of messages) {
    if (decided.has(uid)) decisions.set(uid, { kind: 'decided' });
    else if (operations.has(operation)) decisions.set(uid, { kind: 'known', uid: free.get(hash)?.shift() ?? null });
    else {
      const twin = free.get(hash)?.shift();
      decisions.set(uid, twin === undefined ? { kind: 'bring' } : { kind: 'known', uid: twin });
    }
  }
  return decisions;
}
