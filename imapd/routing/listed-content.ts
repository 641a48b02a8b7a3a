import type { ContentField, MessageContent } from '../store/content-store.ts';
import type { MailboxId, Uid } from '../store/types.ts';

/** What lists of messages, and searches in headers, are made of: small, and the same for ever. */
const TEXTS = ['header', 'envelope', 'body', 'bodyStructure', 'partIndex', 'contentHash'] as const;
const KEPT: ReadonlySet<ContentField> = new Set<ContentField>(['internalDate', 'size', 'sentDay', ...TEXTS]);
/** What an entry takes beside its octets, roughly, and each of its texts. */
const ENTRY_BYTES = 300;
const TEXT_BYTES = 130;
/** Octets of one message above which it is not kept. */
const LARGEST = 16 * 1024;
/** A message of which less is known is rare. To tell before they are read whether many messages have room at all. */
const LEAST_BYTES = 1024;

type Wanted = {
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  readonly fields: ReadonlySet<ContentField>;
};

/** Messages that were read together, whose octets lie in one piece of memory. */
type Shelf = { readonly uids: readonly Uid[]; readonly bytes: number };
/** `on`: where all of its octets lie. */
type Entry = { readonly content: MessageContent; readonly on: Shelf };
type Kept = { readonly messages: Map<Uid, Entry>; readonly shelves: Shelf[] };

/**
 * Headers and the like of messages that this process has read lately: programs ask for them again and again, several on
 * one mailbox, by each SEARCH, and whenever they connect. Bounded in octets; of the mailbox that was used longest ago goes first
 * what was read first. Content never changes, so an entry is right as long as its message exists: it is emptied when a new epoch
 * may have lost messages and given their UIDs a gap.
 */
export class ListedContent {
  readonly #maxBytes: number;
  /** The one used last is the last. */
  readonly #mailboxes = new Map<MailboxId, Kept>();
  #bytes = 0;
  #epoch = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Tells the epoch in force; another one than before empties everything. */
  enter(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#mailboxes.clear();
    this.#bytes = 0;
  }

  /** The messages of which every one of `fields` is known, in the order of `uids`. */
  find({ mailbox, uids, fields }: Wanted): MessageContent[] {
    const kept = this.#mailboxes.get(mailbox);
    if (kept === undefined || !fields.isSubsetOf(KEPT)) return [];
    this.#use(mailbox, kept);
    const wanted = [...fields];
    const found: MessageContent[] = [];
    for (const uid of uids) {
      const content = kept.messages.get(uid)?.content;
      if (content !== undefined && wanted.every((field) => content[field] !== undefined)) found.push(content);
    }
    return found;
  }

  /** Are messages worth being kept that were asked for so? More than there is room for would only drive each other out. */
  wants({ uids, fields }: Wanted): boolean {
    return fields.isSubsetOf(KEPT) && uids.length * LEAST_BYTES <= this.#maxBytes;
  }

  /** Adds what was read of messages to what was known. With octets of its own: those that were read lie among others. */
  put(mailbox: MailboxId, read: readonly MessageContent[]): void {
    const kept = this.#mailboxes.get(mailbox) ?? emptyShelves();
    const small = read.flatMap((content) => addition(kept.messages.get(content.uid)?.content, content) ?? []);
    if (small.length === 0) return;
    this.#use(mailbox, kept);
    const octets = Buffer.allocUnsafeSlow(small.reduce((sum, content) => sum + octetsOf(content), 0));
    const own: MessageContent[] = [];
    let [at, texts] = [0, 0];
    for (const content of small) {
      const copy: Record<string, unknown> = { ...content };
      for (const field of TEXTS) {
        const text = content[field];
        if (text === undefined) continue;
        copy[field] = octets.subarray(at, at + text.copy(octets, at));
        at += text.length;
        texts += 1;
      }
      own.push(copy as MessageContent);
    }
    const bytes = octets.length + ENTRY_BYTES * own.length + TEXT_BYTES * texts;
    const shelf = { uids: own.map(({ uid }) => uid), bytes };
    for (const content of own) kept.messages.set(content.uid, { content, on: shelf });
    kept.shelves.push(shelf);
    this.#bytes += bytes;
    this.#makeRoom();
  }

  #use(mailbox: MailboxId, kept: Kept): void {
    this.#mailboxes.delete(mailbox);
    this.#mailboxes.set(mailbox, kept);
  }

  #makeRoom(): void {
    for (const [mailbox, { messages, shelves }] of this.#mailboxes) {
      while (this.#bytes > this.#maxBytes) {
        const oldest = shelves.shift();
        if (oldest === undefined) break;
        this.#bytes -= oldest.bytes;
        // What has been read once more lies on a newer one.
        for (const uid of oldest.uids) if (messages.get(uid)?.on === oldest) messages.delete(uid);
      }
      if (this.#bytes <= this.#maxBytes) return;
      this.#mailboxes.delete(mailbox);
    }
  }
}

const emptyShelves = (): Kept => ({ messages: new Map(), shelves: [] });

/** What is known of a message with what was read; null where that is nothing new, or it is too large to be kept. */
function addition(known: MessageContent | undefined, read: MessageContent): MessageContent | null {
  const isNew = Object.entries(read).some(
    ([field, value]) => value !== undefined && known?.[field as 'uid'] === undefined,
  );
  const whole = { ...known, ...read };
  return isNew && octetsOf(whole) <= LARGEST ? whole : null;
}

function octetsOf(content: MessageContent): number {
  let octets = 0;
  for (const field of TEXTS) octets += content[field]?.length ?? 0;
  return octets;
}
