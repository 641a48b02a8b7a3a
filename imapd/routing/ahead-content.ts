import type { ContentField, MessageContent, ReadAhead } from '../store/content-store.ts';
import type { Uid } from '../store/types.ts';

/** Octets that are read ahead for one walk, roughly. */
const WINDOW_BYTES = 256 * 1024;
/** No walk holds more than this part of the whole, for others go on beside it. */
const LARGEST_SHARE = 1 / 8;
/** What the messages of a walk are taken for before any has been read: of a good size, so that the first window is short. */
const FIRST = { messages: 4, bytes: WINDOW_BYTES };
/** Messages at most: of small ones a statement costs little more, and whoever stops has had them read in vain. */
const MOST = 32;
/** What an entry takes beside its octets, roughly. */
const ENTRY_BYTES = 500;

type Walk = ReadAhead['until'];
/** `epoch`: in which it was read. `bytes`: of all messages, which lie in one piece of memory. */
type Window = {
  readonly epoch: number;
  readonly content: ReadonlyMap<Uid, MessageContent>;
  readonly messages: number;
  readonly bytes: number;
};
type Wanted = {
  readonly uid: Uid;
  readonly fields: ReadonlySet<ContentField>;
  readonly rawUpTo?: number;
  readonly epoch: number;
};

/**
 * Messages that were read before they were asked for, since their reader asks for one after the other: a window of each walk.
 * Bounded in octets, those of all partitions together; the walk that has rested longest loses its window first. Content never
 * changes, so a window is right as long as its messages exist: in another epoch than its own it is not used, for that may have lost some.
 */
export class AheadContent {
  readonly #maxBytes: number;
  /** The one used last is the last. */
  readonly #windows = new Map<Walk, Window>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many messages are worth being read beside the one that is asked for: more with each window, as long as they are small. */
  room(walk: Walk): number {
    const { messages, bytes } = this.#windows.get(walk) ?? FIRST;
    return Math.min(MOST, 2 * messages, Math.floor((this.#windowBytes * messages) / bytes));
  }

  /** The message, if every one of `fields` was read; `raw` may be missing of a message that is larger than `rawUpTo`. */
  take(walk: Walk, { uid, fields, rawUpTo = Number.POSITIVE_INFINITY, epoch }: Wanted): MessageContent | null {
    const window = this.#windows.get(walk);
    const content = window?.epoch === epoch ? window.content.get(uid) : undefined;
    if (window === undefined || content === undefined) return null;
    const isThere = (field: ContentField): boolean =>
      content[field] !== undefined || (field === 'raw' && (content.size ?? 0) > rawUpTo);
    if (!fields.values().every(isThere)) return null;
    this.#windows.delete(walk);
    this.#windows.set(walk, window);
    return content;
  }

  /** The next window of a walk, in place of the one before: as many of `read`, in their order, as there is room for. */
  put(walk: Walk, read: readonly MessageContent[], epoch: number): void {
    this.#drop(walk);
    if (walk.aborted) return;
    let octets = 0;
    const fitting = read.filter((content, at) => {
      octets += octetsOf(content);
      return at === 0 || octets <= this.#windowBytes;
    });
    const window = { epoch, ...together(fitting) };
    walk.addEventListener('abort', this.#ended, { once: true });
    this.#windows.set(walk, window);
    this.#bytes += window.bytes;
    for (const oldest of this.#windows.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  get #windowBytes(): number {
    return Math.min(WINDOW_BYTES, this.#maxBytes * LARGEST_SHARE);
  }

  #drop(walk: Walk): void {
    this.#bytes -= this.#windows.get(walk)?.bytes ?? 0;
    this.#windows.delete(walk);
  }

  readonly #ended = ({ target }: Event): void => this.#drop(target as Walk);
}

/** With octets of their own: what a connection read lies in its large pieces, each of which would stay as long as any part of it. */
function together(read: readonly MessageContent[]): Omit<Window, 'epoch'> {
  const octets = Buffer.allocUnsafeSlow(read.reduce((sum, content) => sum + octetsOf(content), 0));
  let at = 0;
  const own = (value: unknown): unknown => {
    if (!Buffer.isBuffer(value)) return value;
    const from = at;
    at += value.copy(octets, at);
    return octets.subarray(from, at);
  };
  const messages = read.map((content) => {
    const fields = Object.entries(content).map(([field, value]) => [field, own(value)]);
    return [content.uid, Object.fromEntries(fields) as MessageContent] as const;
  });
  return { content: new Map(messages), messages: read.length, bytes: octets.length + read.length * ENTRY_BYTES };
}

const octetsOf = (content: MessageContent): number =>
  Object.values(content).reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0);
