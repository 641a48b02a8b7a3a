import type { EventEmitter } from 'node:events';

/** Of a message of PostgreSQL's protocol: its code, and its length without the code. */
const HEAD = 5;
const [DATA_ROW, ROW_DESCRIPTION, COMMAND_COMPLETE, ERROR] = [0x44, 0x54, 0x43, 0x45];

/** Takes the body of a DataRow message, whose octets are its to keep: they have memory of their own. Must not throw. */
export type TakeRow = (row: Buffer) => void;

/**
 * What a connection to PostgreSQL receives, on its way to the driver: all of it goes there as it came, but the rows of those
 * queries that want theirs as octets. The driver would make a string of each value, through UTF-8, which no octets survive, so
 * that they would have to come as text: for 20 KiB of mail that was half of what reading them cost. Nothing that it hands over lies
 * in what it was given, which may be memory that the socket uses again.
 */
export class RowDiverter {
  static readonly #known = new WeakMap<EventEmitter, RowDiverter>();

  readonly #forward: (octets: Buffer) => void;
  #take: TakeRow | null = null;
  /** The beginning of a message, shorter than its head. */
  #begun: Buffer | null = null;
  /** Of the message under way. */
  #code = 0;
  #left = 0;
  /** The row under way, where it came in pieces. */
  #row: Buffer | null = null;

  private constructor(forward: (octets: Buffer) => void) {
    this.#forward = forward;
  }

  /** The one of a connection's socket. The first time nothing may be under way there, since it has to know where a message begins. */
  static of(socket: EventEmitter): RowDiverter {
    const known = RowDiverter.#known.get(socket);
    if (known !== undefined) return known;
    const driver = socket.listeners('data');
    socket.removeAllListeners('data');
    const diverter = new RowDiverter((octets) => {
      const own = Buffer.from(octets);
      for (const listener of driver) Reflect.apply(listener, socket, [own]);
    });
    socket.on('data', (octets: Buffer) => diverter.#receive(octets));
    RowDiverter.#known.set(socket, diverter);
    return diverter;
  }

  /** What a socket has read into memory that it uses again at once: for its diverter, or for whoever listens. */
  static passOn(socket: EventEmitter, octets: Buffer): void {
    const diverter = RowDiverter.#known.get(socket);
    if (diverter === undefined) socket.emit('data', Buffer.from(octets));
    else diverter.#receive(octets);
  }

  /** From the driver's word of a query's columns: the rows that follow are `take`'s, until the query ends. */
  divert(take: TakeRow): void {
    this.#take = take;
  }

  #receive(received: Buffer): void {
    const octets = this.#begun === null ? received : Buffer.concat([this.#begun, received]);
    this.#begun = null;
    let at = 0;
    // What is before `at` and not yet handed over.
    let from = 0;
    while (at < octets.length) {
      if (this.#left > 0) {
        const end = Math.min(octets.length, at + this.#left);
        if (this.#row !== null) {
          octets.copy(this.#row, this.#row.length - this.#left, at, end);
          from = end;
        }
        this.#left -= end - at;
        at = end;
      } else {
        const next = this.#begin(octets, { at, from });
        if (next === null) break;
        ({ at, from } = next);
      }
      if (this.#left === 0) from = this.#end(octets, { at, from });
    }
    if (at > from) this.#forward(octets.subarray(from, at));
    if (at < octets.length) this.#begun = Buffer.from(octets.subarray(at));
  }

  /** At the head of a message; null where that is not there in full. Rows that are there in full are handed over. */
  #begin(octets: Buffer, { at, from }: Place): Place | null {
    if (octets.length - at < HEAD) return null;
    this.#code = octets[at] ?? 0;
    const length = octets.readUInt32BE(at + 1) - (HEAD - 1);
    if (this.#code !== DATA_ROW || this.#take === null) {
      this.#left = length;
      return { at: at + HEAD, from };
    }
    if (at > from) this.#forward(octets.subarray(from, at));
    const body = at + HEAD;
    if (octets.length - body < length) {
      this.#row = Buffer.allocUnsafeSlow(length);
      this.#left = length;
      return { at: body, from: body };
    }
    this.#take(Buffer.from(octets.subarray(body, body + length)));
    return { at: body + length, from: body + length };
  }

  /** A message is over. Gives what from now on is not yet handed over. */
  #end(octets: Buffer, { at, from }: Place): number {
    if (this.#row !== null) {
      const row = this.#row;
      this.#row = null;
      this.#take?.(row);
      return at;
    }
    if (this.#code === COMMAND_COMPLETE || this.#code === ERROR) this.#take = null;
    // The driver must know of it before the rows come: it is then that `divert` is called.
    if (this.#code !== ROW_DESCRIPTION) return from;
    this.#forward(octets.subarray(from, at));
    return at;
  }
}

type Place = { readonly at: number; readonly from: number };
