import { SERVER } from '../../store/annotations.ts';
import type { MailboxId } from '../../store/types.ts';
import type { WatchedAnnotation, WatchedMailboxState } from '../../store/watched.ts';

/** Everything of one user that may be told to who has not selected it, at one moment. */
export type WatchedWorld = {
  readonly mailboxes: ReadonlyMap<MailboxId, WatchedMailboxState>;
  readonly subscribed: ReadonlySet<string>;
  /** `at` by mailbox and entry; see `annotationKey`. */
  readonly annotations: ReadonlyMap<string, WatchedAnnotation>;
};

export const NO_WORLD: WatchedWorld = { mailboxes: new Map(), subscribed: new Set(), annotations: new Map() };

export const annotationKey = ({ mailbox, entry }: WatchedAnnotation): string => `${mailbox} ${entry}`;

/** What has happened between two moments. Names are as they are after it, or were before where there is none after. */
export type WatchedChange =
  /** Of a mailbox that was there before: messages came or went. */
  | {
      readonly kind: 'messages';
      readonly before: WatchedMailboxState;
      readonly mailbox: WatchedMailboxState;
      readonly unseen: boolean;
    }
  /** Flags changed; `unseen`: so that another number is unseen. */
  | { readonly kind: 'flags'; readonly mailbox: WatchedMailboxState; readonly unseen: boolean }
  /** A mailbox was made, removed, or has another name: `oldName`. */
  | { readonly kind: 'name'; readonly name: string; readonly oldName: string | null }
  | { readonly kind: 'subscription'; readonly name: string }
  /** `name` null: of the server. */
  | { readonly kind: 'metadata'; readonly name: string | null; readonly entry: string };

/** RFC 5465, 5. */
export function changesBetween(before: WatchedWorld, after: WatchedWorld): readonly WatchedChange[] {
  return [
    ...nameChanges(before, after),
    ...subscriptionChanges(before, after),
    ...contentChanges(before, after),
    ...annotationChanges(before, after),
  ];
}

/** 5.4: what is below a renamed mailbox goes with it, and its parent is affected by what is made and removed. */
function nameChanges(before: WatchedWorld, after: WatchedWorld): readonly WatchedChange[] {
  const renamed = new Map<string, string>();
  const touched = new Set<string>();
  for (const [id, { name }] of after.mailboxes) {
    const old = before.mailboxes.get(id);
    if (old === undefined) touched.add(name);
    else if (old.name !== name) renamed.set(old.name, name);
  }
  for (const [id, { name }] of before.mailboxes) if (!after.mailboxes.has(id)) touched.add(name);
  for (const name of [...touched]) {
    const end = name.lastIndexOf('/');
    if (end > 0) touched.add(name.slice(0, end));
  }
  const own = Array.from(renamed).filter(([from, to]) => !goesWithParent(from, to, renamed));
  return [
    ...own.map(([oldName, name]) => ({ kind: 'name', name, oldName }) as const),
    ...Array.from(touched, (name) => ({ kind: 'name', name, oldName: null }) as const),
  ];
}

function goesWithParent(from: string, to: string, renamed: ReadonlyMap<string, string>): boolean {
  for (let end = from.lastIndexOf('/'); end > 0; end = from.lastIndexOf('/', end - 1)) {
    const parent = renamed.get(from.slice(0, end));
    if (parent !== undefined && to === parent + from.slice(end)) return true;
  }
  return false;
}

function subscriptionChanges(before: WatchedWorld, after: WatchedWorld): readonly WatchedChange[] {
  const names = [...after.subscribed.difference(before.subscribed), ...before.subscribed.difference(after.subscribed)];
  return names.map((name) => ({ kind: 'subscription', name }));
}

function* contentChanges(before: WatchedWorld, after: WatchedWorld): Generator<WatchedChange> {
  for (const [id, mailbox] of after.mailboxes) {
    const old = before.mailboxes.get(id);
    if (old === undefined || old === mailbox) continue;
    const unseen = old.unseen !== mailbox.unseen;
    const messages = old.uidNext !== mailbox.uidNext || old.messages !== mailbox.messages;
    const others = old.highestModSeq !== mailbox.highestModSeq || old.uidValidity !== mailbox.uidValidity || unseen;
    if (messages) yield { kind: 'messages', before: old, mailbox, unseen };
    else if (others) yield { kind: 'flags', mailbox, unseen };
  }
}

function* annotationChanges(before: WatchedWorld, after: WatchedWorld): Generator<WatchedChange> {
  const keys = new Set([...before.annotations.keys(), ...after.annotations.keys()]);
  for (const key of keys) {
    const [old, now] = [before.annotations.get(key), after.annotations.get(key)];
    const either = now ?? old;
    if (either === undefined || old?.at === now?.at) continue;
    if (either.mailbox === SERVER) yield { kind: 'metadata', name: null, entry: either.entry };
    const mailbox = after.mailboxes.get(either.mailbox);
    // What was deleted with its mailbox is told by its name.
    if (mailbox !== undefined) yield { kind: 'metadata', name: mailbox.name, entry: either.entry };
  }
}
