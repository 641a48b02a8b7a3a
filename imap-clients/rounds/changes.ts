import { type Contents, comparableFlags, type Digest, type MailStore, type NewMessage } from '../stores/mail-store.ts';

/** Where mail is moved to: below a mailbox that every account has. */
export const ARCHIVE = 'Archive/2026';

/** What somebody does to a store, as data: to do it, and to say what must come of it. */
export type Change =
  | { readonly kind: 'add'; readonly mailbox: string; readonly messages: readonly NewMessage[] }
  | { readonly kind: 'flag'; readonly mailbox: string; readonly digests: readonly string[]; readonly flag: string }
  | { readonly kind: 'move'; readonly digests: readonly string[]; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly mailbox: string; readonly digests: readonly string[] };

export async function make(changes: readonly Change[], store: MailStore): Promise<void> {
  for (const change of changes) {
    if (change.kind === 'add') await store.add(change.mailbox, change.messages);
    else if (change.kind === 'flag') await store.addFlags(change.mailbox, change.digests, [change.flag]);
    else if (change.kind === 'move') await store.move(change.digests, change.from, change.to);
    else await store.remove(change.mailbox, change.digests);
  }
}

/** What a store holds after the changes. Pure. */
export const after = (contents: Contents, changes: readonly Change[], digest: Digest): Contents =>
  changes.reduce((before, change) => afterOne(before, change, digest), contents);

function afterOne(contents: Contents, change: Change, digest: Digest): Contents {
  const of = (mailbox: string) => contents.get(mailbox) ?? [];
  const next = new Map(contents);
  switch (change.kind) {
    case 'add': {
      const added = change.messages.map(({ raw, flags }) => ({ digest: digest(raw), flags: comparableFlags(flags) }));
      return next.set(change.mailbox, [...of(change.mailbox), ...added]);
    }
    case 'flag': {
      const flagged = of(change.mailbox).map((message) =>
        change.digests.includes(message.digest)
          ? { ...message, flags: comparableFlags([...message.flags, change.flag]) }
          : message,
      );
      return next.set(change.mailbox, flagged);
    }
    case 'move': {
      const moved = of(change.from).filter((message) => change.digests.includes(message.digest));
      next.set(
        change.from,
        of(change.from).filter((message) => !moved.includes(message)),
      );
      return next.set(change.to, [...of(change.to), ...moved]);
    }
    case 'remove':
      return next.set(
        change.mailbox,
        of(change.mailbox).filter((message) => !change.digests.includes(message.digest)),
      );
  }
}

/** Changes of one side, that do not touch what those of another `share` touch. */
export function someChanges(
  contents: Contents,
  newMail: readonly NewMessage[],
  share: 0 | 1,
): readonly [Change, ...Change[]] {
  const inbox = (contents.get('INBOX') ?? []).map(({ digest }) => digest);
  const every = (step: number, at: number): readonly string[] => inbox.filter((_, n) => n % step === at + share);
  return [
    { kind: 'add', mailbox: 'INBOX', messages: newMail },
    { kind: 'flag', mailbox: 'INBOX', digests: every(40, 0), flag: '\\Flagged' },
    { kind: 'flag', mailbox: 'INBOX', digests: every(40, 2), flag: '\\Answered' },
    { kind: 'move', digests: every(40, 10), from: 'INBOX', to: ARCHIVE },
    { kind: 'remove', mailbox: 'INBOX', digests: every(40, 20) },
  ];
}
