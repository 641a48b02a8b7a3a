import type { ReadAhead } from '../../store/content-store.ts';
import type { Uid } from '../../store/types.ts';
import type { MailboxCursor } from '../mailbox-cursor.ts';

/** A client that has fetched this many messages in a row, one at a time, is about to fetch the next one. */
const IN_A_ROW = 3;

/**
 * Notices a client that goes through its selected mailbox message by message, upwards, and asks for the content of one at a time: many
 * programs that synchronize do so, one round trip and one statement for each.
 */
export class ContentWalk {
  #last = 0;
  #inARow = 0;
  #walk: AbortController | null = null;

  /**
   * To be told of each FETCH of content, before it is read. The part of the request that tells what will be asked for next, once that
   * can be told. A message that is asked for again, another part of it perhaps, is no step.
   */
  ahead(uids: Uint32Array, cursor: MailboxCursor): { readonly ahead?: ReadAhead } {
    const uid = uids[0] ?? 0;
    if (uids.length !== 1) this.end();
    else if (uid !== this.#last) this.#step(uid, cursor);
    if (this.#inARow < IN_A_ROW) return {};
    this.#walk ??= new AbortController();
    return { ahead: { until: this.#walk.signal, next: (atMost) => nextOf(cursor, uid, atMost) } };
  }

  /** The client does something else from now on. */
  end(): void {
    this.#walk?.abort();
    this.#walk = null;
    this.#last = 0;
    this.#inARow = 0;
  }

  #step(uid: number, cursor: MailboxCursor): void {
    const last = this.#last;
    // What was expunged in between is nothing that was left out.
    const isNext = last > 0 && uid > last && cursor.countFrom(last + 1) === cursor.countFrom(uid);
    if (!isNext) this.end();
    this.#last = uid;
    this.#inARow += 1;
  }
}

function nextOf(cursor: MailboxCursor, uid: number, atMost: number): Uid[] {
  const from = cursor.sequenceOf(uid) + 1;
  const to = Math.min(cursor.count, from + atMost - 1);
  const next: Uid[] = [];
  for (let sequence = from; sequence <= to; sequence++) {
    const each = cursor.uidAt(sequence);
    if (cursor.view.learntAt(each) !== undefined) break;
    next.push(each);
  }
  return next;
}
