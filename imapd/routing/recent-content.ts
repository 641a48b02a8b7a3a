import type { ContentField, MessageContent } from '../store/content-store.ts';
import type { MailboxId, Uid } from '../store/types.ts';

/** What an entry takes beside its octets, roughly. */
const ENTRY_BYTES = 500;
/** An entry larger than this part of the whole would drive everything else out. */
const LARGEST_SHARE = 1 / 8;

type Entry = { readonly content: MessageContent; readonly bytes: number };

/**
 * Content that this process wrote or fetched while it was too young for the replicas. Bounded in octets; what was asked for
 * longest ago goes first. Content never changes, so an entry is right as long as its message exists: it is emptied when a
 * new epoch may have lost messages and given their UIDs a gap.
 */
export class RecentContent {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Entry>();
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
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Adds what is known of a message to what was known before. */
  put(mailbox: MailboxId, content: MessageContent): void {
    const key = keyOf(mailbox, content.uid);
    const before = this.#entries.get(key);
    const bytes = ENTRY_BYTES + bytesOf({ ...before?.content, ...content });
    if (bytes > this.#maxBytes * LARGEST_SHARE) return;
    this.#remove(key);
    this.#entries.set(key, { content: { ...before?.content, ...owned(content) }, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remove(oldest);
    }
  }

  /** The message, if every one of `fields` is known. `raw` may be left out where the message is larger than `rawUpTo`. */
  get(
    mailbox: MailboxId,
    uid: Uid,
    wanted: { readonly fields: ReadonlySet<ContentField>; readonly rawUpTo?: number },
  ): MessageContent | null {
    const key = keyOf(mailbox, uid);
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const { content } = entry;
    for (const field of wanted.fields) if (content[field] === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (content.raw === undefined || content.raw.length <= (wanted.rawUpTo ?? Number.POSITIVE_INFINITY)) return content;
    const { raw: _, ...rest } = content;
    return rest;
  }

  #remove(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

const keyOf = (mailbox: MailboxId, uid: Uid): string => `${mailbox} ${uid}`;

/**
 * With octets of its own. What a connection read lies in the connection's large pieces, each of which would stay as long as
 * any part of it: measured, six times the bound.
 */
const owned = (content: MessageContent): MessageContent =>
  Object.fromEntries(
    Object.entries(content).map(([field, value]) => [field, Buffer.isBuffer(value) ? alone(value) : value]),
  ) as MessageContent;

function alone(octets: Buffer): Buffer {
  if (octets.buffer.byteLength === octets.length) return octets;
  const copy = Buffer.allocUnsafeSlow(octets.length);
  octets.copy(copy);
  return copy;
}

const bytesOf = (content: MessageContent): number =>
  Object.values(content).reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0);
