import type { Verdict, WireMessage } from './wire-proxy.ts';

/** A message of a transaction by its number in its direction, counted from BEGIN. */
export type Place = { readonly side: WireMessage['side']; readonly index: number };
export type Cut = Place & { readonly verdict: Verdict };

/** State of a connection without a transaction, in ReadyForQuery. */
const IDLE = 'I';
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What begins a transaction: BEGIN, or the first statement of one that is sent as a whole. */
const BEGINS = /^BEGIN|content-with-chunk|mailbox-enter|epoch-lock/;
/** A statement that writes the operation's row. */
const RECORDS = /operation-record|-recorded/;

type Noted = Place & { readonly type: string; readonly text: string };

/** Follows the first transaction that passes a proxy; everything else is forwarded unseen. */
export class TransactionWatch {
  readonly noted: Noted[] = [];
  readonly #cut: Cut | null;
  readonly #counts = { frontend: 0, backend: 0 };
  /** `named`: identifiers that the statement holds, that of the operation among them. */
  readonly #recordings: { readonly connection: number; readonly named: readonly string[] }[] = [];
  #connection: number | null = null;
  /** The first transaction has ended; what the connection does next is another one's. */
  #over = false;
  fired = false;

  constructor(cut: Cut | null = null) {
    this.#cut = cut;
  }

  readonly judge = (message: WireMessage): Verdict => {
    const text = message.body.toString('latin1');
    if (this.#connection === null && message.side === 'frontend' && BEGINS.test(text)) {
      this.#connection = message.connection;
    }
    if (message.side === 'frontend') this.#noteRecording(message.connection, text);
    if (message.connection !== this.#connection || this.#over) return 'forward';
    const place = { side: message.side, index: this.#counts[message.side] };
    this.#counts[message.side] += 1;
    this.noted.push({ ...place, type: message.type, text });
    this.#over = message.side === 'backend' && message.type === 'Z' && text === IDLE;
    if (this.fired || this.#cut?.side !== place.side || this.#cut.index !== place.index) return 'forward';
    this.fired = true;
    return this.#cut.verdict;
  };

  /**
   * What became of the transaction that was cut: a later one found that its operation is recorded, or did all of it once
   * more and recorded that.
   */
  get outcome(): 'foundRecorded' | 'doneAgain' {
    const first = this.#recordings.find(({ connection }) => connection === this.#connection);
    const again = this.#recordings.some(
      ({ connection, named }) =>
        connection !== this.#connection && named.some((id) => (first?.named ?? named).includes(id)),
    );
    return again ? 'doneAgain' : 'foundRecorded';
  }

  #noteRecording(connection: number, text: string): void {
    if (!RECORDS.test(text)) return;
    const named = text.match(UUID) ?? [];
    if (named.length > 0) this.#recordings.push({ connection, named });
  }

  /** COMMIT itself, or the Sync that stands for it, and the answers to it. */
  placesOfCommit(): Place[] {
    const commit = this.noted.findLast(({ side }) => side === 'frontend');
    const [command, ready] = this.noted.filter(({ side }) => side === 'backend').slice(-2);
    return [commit, command, ready].flatMap((place) => (place === undefined ? [] : [place]));
  }

  /** Every place around COMMIT: the recording of the operation, COMMIT, and the answers to both. */
  placesAroundCommit(): Place[] {
    const sent = this.noted.filter(({ side }) => side === 'frontend');
    const recording = sent.findIndex(({ text }) => RECORDS.test(text));
    const commit = sent.length - 1;
    const answers = this.noted.filter(({ side }) => side === 'backend');
    const committed = answers.length - 1;
    const ready = answers.filter(({ type }) => type === 'Z');
    // Of a transaction that is sent as a whole nothing is ready before its end: its last but one statement is complete.
    const complete = answers.filter(({ type }) => type === 'C');
    const beforeRecording = (ready.length > 1 ? ready.at(-3) : complete.at(-2))?.index ?? 0;
    const inside = (from: number, to: number, side: WireMessage['side']): Place[] =>
      Array.from({ length: to - from + 1 }, (_, i) => ({ side, index: from + i }));
    return [...inside(recording, commit, 'frontend'), ...inside(beforeRecording + 1, committed, 'backend')];
  }

  /** Every message of the transaction. */
  allPlaces(): Place[] {
    return this.noted.map(({ side, index }) => ({ side, index }));
  }
}
