import type { Engine } from '#database/engine.ts';
import type { Verdict, WireMessage } from './wire-proxy.ts';

/** A message of a transaction by its number in its direction, counted from BEGIN. */
export type Place = { readonly side: WireMessage['side']; readonly index: number };
export type Cut = Place & { readonly verdict: Verdict };

/** By what a transaction is told in what passes; texts are octets as they are. */
type Signs = {
  /** What begins a transaction that writes. */
  readonly begins: RegExp;
  /** What writes the operation's row, and identifiers in it. */
  readonly records: RegExp;
  readonly identifier: RegExp;
  /** The server's word that none is open any more; `sent`: by the client, last. */
  readonly isOver: (message: WireMessage, text: string, sent: string) => boolean;
};

/** State of a connection without a transaction, in ReadyForQuery. */
const IDLE = 'I';

const ofPostgres: Signs = {
  // BEGIN, or the first statement of one that is sent as a whole.
  begins: /^BEGIN|content-with-chunk|mailbox-enter|epoch-lock/,
  records: /operation-record|-recorded/,
  identifier: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
  isOver: ({ type }, text) => type === 'Z' && text === IDLE,
};

/** An OK of nothing written, behind which no more results come: that of COMMIT, which ends its packet. */
const isLastOk = (body: Buffer): boolean =>
  body.length >= 7 && body.readUIntBE(0, 3) === 0 && (body.readUInt16LE(3) & MORE_RESULTS) === 0;
const MORE_RESULTS = 0x0008;

/** Names of statements do not pass. */
const ofMysql: Signs = {
  begins: /START TRANSACTION(?! READ ONLY)/,
  records: /INSERT INTO operation /,
  identifier: /x'[0-9a-f]{32}'/g,
  isOver: ({ side, body }, _text, sent) => side === 'backend' && /COMMIT$/.test(sent) && isLastOk(body),
};

type Noted = Place & { readonly type: string; readonly text: string };

/** Follows the first transaction that passes a proxy; everything else is forwarded unseen. */
export class TransactionWatch {
  readonly noted: Noted[] = [];
  readonly #cut: Cut | null;
  readonly #signs: Signs;
  /** The client's last message. */
  #sent = '';
  readonly #counts = { frontend: 0, backend: 0 };
  /** `named`: identifiers that the statement holds, that of the operation among them. */
  readonly #recordings: { readonly connection: number; readonly named: readonly string[] }[] = [];
  #connection: number | null = null;
  /** The first transaction has ended; what the connection does next is another one's. */
  #over = false;
  fired = false;

  constructor(engine: Engine, cut: Cut | null = null) {
    this.#signs = engine === 'postgresql' ? ofPostgres : ofMysql;
    this.#cut = cut;
  }

  readonly judge = (message: WireMessage): Verdict => {
    const text = message.body.toString('latin1');
    if (this.#connection === null && message.side === 'frontend' && this.#signs.begins.test(text)) {
      this.#connection = message.connection;
    }
    if (message.side === 'frontend') this.#noteRecording(message.connection, text);
    if (message.connection !== this.#connection || this.#over) return 'forward';
    const place = { side: message.side, index: this.#counts[message.side] };
    this.#counts[message.side] += 1;
    this.noted.push({ ...place, type: message.type, text });
    if (message.side === 'frontend') this.#sent = text;
    this.#over = this.#signs.isOver(message, text, this.#sent);
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
    if (!this.#signs.records.test(text)) return;
    const named = text.match(this.#signs.identifier) ?? [];
    if (named.length > 0) this.#recordings.push({ connection, named });
  }

  /** COMMIT itself, or the Sync that stands for it, and the answers to it (of MySQL: to what shares its packet, and to it). */
  placesOfCommit(): Place[] {
    const commit = this.noted.findLast(({ side }) => side === 'frontend');
    const [command, ready] = this.noted.filter(({ side }) => side === 'backend').slice(-2);
    return [commit, command, ready].flatMap((place) => (place === undefined ? [] : [place]));
  }

  /** Every place around COMMIT: the recording of the operation, COMMIT, and the answers to both. */
  placesAroundCommit(): Place[] {
    if (this.#signs === ofMysql) return this.#placesOfLastPacket();
    const sent = this.noted.filter(({ side }) => side === 'frontend');
    const recording = sent.findIndex(({ text }) => this.#signs.records.test(text));
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

  /** The packet that holds both, and every packet of the answers. */
  #placesOfLastPacket(): Place[] {
    const last = this.noted.findLastIndex(({ side }) => side === 'frontend');
    return this.noted.slice(last).map(({ side, index }) => ({ side, index }));
  }

  /** Every message of the transaction. */
  allPlaces(): Place[] {
    return this.noted.map(({ side, index }) => ({ side, index }));
  }
}
