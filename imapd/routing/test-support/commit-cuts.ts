import type { Verdict, WireMessage } from './wire-proxy.ts';

/** A message of a transaction by its number in its direction, counted from BEGIN. */
export type Place = { readonly side: WireMessage['side']; readonly index: number };
export type Cut = Place & { readonly verdict: Verdict };

type Noted = Place & { readonly type: string; readonly text: string };

/** Follows the first transaction that passes a proxy; everything else is forwarded unseen. */
export class TransactionWatch {
  readonly noted: Noted[] = [];
  readonly #cut: Cut | null;
  readonly #counts = { frontend: 0, backend: 0 };
  #connection: number | null = null;
  fired = false;

  constructor(cut: Cut | null = null) {
    this.#cut = cut;
  }

  readonly judge = (message: WireMessage): Verdict => {
    const text = message.body.toString('latin1');
    if (this.#connection === null && message.type === 'Q' && text.startsWith('BEGIN')) {
      this.#connection = message.connection;
    }
    if (message.connection !== this.#connection) return 'forward';
    const place = { side: message.side, index: this.#counts[message.side] };
    this.#counts[message.side] += 1;
    this.noted.push({ ...place, type: message.type, text });
    if (this.fired || this.#cut?.side !== place.side || this.#cut.index !== place.index) return 'forward';
    this.fired = true;
    return this.#cut.verdict;
  };

  /** Every place around COMMIT: the recording of the operation, COMMIT, and the answers to both. */
  placesAroundCommit(): Place[] {
    const sent = this.noted.filter(({ side }) => side === 'frontend');
    const recording = sent.findIndex(({ text }) => text.includes('operation-record'));
    const commit = sent.findIndex(({ text }) => text.startsWith('COMMIT'));
    const answers = this.noted.filter(({ side }) => side === 'backend');
    const ready = answers.filter(({ type }) => type === 'Z').map(({ index }) => index);
    const [beforeRecording = 0, , committed = 0] = ready.slice(-3);
    const inside = (from: number, to: number, side: WireMessage['side']): Place[] =>
      Array.from({ length: to - from + 1 }, (_, i) => ({ side, index: from + i }));
    return [...inside(recording, commit, 'frontend'), ...inside(beforeRecording + 1, committed, 'backend')];
  }

  /** Every message of the transaction. */
  allPlaces(): Place[] {
    return this.noted.map(({ side, index }) => ({ side, index }));
  }
}
