import type { MailboxId } from '../../store/types.ts';
import type { WatchedChange } from './watched-changes.ts';

/** What is to be told of one name by LIST, however often it changed. */
export type PendingName = { oldName: string | null; subscription: boolean };

/** What waits to be told to one client: of one thing once, however often it happened. */
export type Pending = {
  /** Of mailboxes whose messages or flags changed. */
  readonly statuses: ReadonlyMap<MailboxId, { readonly messages: boolean; readonly unseen: boolean }>;
  readonly names: ReadonlyMap<string, Readonly<PendingName>>;
  /** By mailbox; '' is the server, which no mailbox is called. */
  readonly entries: ReadonlyMap<string, ReadonlySet<string>>;
};

export class PendingNews {
  #statuses = new Map<MailboxId, { messages: boolean; unseen: boolean }>();
  #names = new Map<string, PendingName>();
  #entries = new Map<string, Set<string>>();
  #entryCount = 0;

  get size(): number {
    return this.#statuses.size + this.#names.size + this.#entryCount;
  }

  add(change: WatchedChange): void {
    if (change.kind === 'messages' || change.kind === 'flags') {
      const known = this.#statuses.get(change.mailbox.id) ?? { messages: false, unseen: false };
      const messages = known.messages || change.kind === 'messages';
      this.#statuses.set(change.mailbox.id, { messages, unseen: known.unseen || change.unseen });
    } else if (change.kind === 'metadata') this.#addEntry(change.name ?? '', change.entry);
    else this.#addName(change);
  }

  /** Everything; nothing waits any more. */
  take(): Pending {
    const taken = { statuses: this.#statuses, names: this.#names, entries: this.#entries };
    this.#statuses = new Map();
    this.#names = new Map();
    this.#entries = new Map();
    this.#entryCount = 0;
    return taken;
  }

  #addEntry(mailbox: string, entry: string): void {
    const known = this.#entries.get(mailbox) ?? new Set<string>();
    if (!known.has(entry)) this.#entryCount += 1;
    this.#entries.set(mailbox, known.add(entry));
  }

  #addName(change: Extract<WatchedChange, { readonly kind: 'name' | 'subscription' }>): void {
    const known = this.#names.get(change.name) ?? { oldName: null, subscription: false };
    if (change.kind === 'subscription') known.subscription = true;
    else known.oldName ??= this.#beforeThat(change.oldName);
    this.#names.set(change.name, known);
  }

  /** Renamed twice: the client knows the first name. */
  #beforeThat(oldName: string | null): string | null {
    if (oldName === null) return null;
    const earlier = this.#names.get(oldName)?.oldName ?? null;
    if (earlier === null) return oldName;
    this.#names.delete(oldName);
    return earlier;
  }
}
