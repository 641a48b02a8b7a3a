const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x3e;
const FROM = Buffer.from('From ');

/**
 * One message as an entry of an mboxrd file: a `From ` line, the message with LF line ends in which every line that begins
 * with any number of `>` and `From ` gets one `>` more (so that reading it back is exact), and an empty line. Streams: at
 * most five octets are held back, wherever the chunks end.
 *
 *   line start ──'>'──► line start      'F','r','o','m',' ' matched in full: write '>From '
 *       │ 'F'                           anything else: write what was matched, and go on inside the line
 *       ▼
 *   matching From ──► inside the line ──LF──► line start
 */
export async function* mboxrdEntry(message: AsyncIterable<Buffer>, receivedAt: Date): AsyncGenerator<Buffer> {
  yield Buffer.from(`From MAILER-DAEMON ${asctime(receivedAt)}\n`);
  const quoting = new Quoting();
  for await (const chunk of message) yield quoting.take(chunk);
  yield quoting.end();
}

class Quoting {
  /** Octets of `From ` matched since the line began; −1 = inside a line. */
  #matched = 0;
  #carriageReturn = false;
  #atLineStart = true;

  take(chunk: Buffer): Buffer {
    const out = Buffer.allocUnsafe(chunk.length * 2 + FROM.length + 2);
    let at = 0;
    const write = (octet: number): void => {
      out[at] = octet;
      at += 1;
    };
    for (const octet of chunk) this.#step(octet, write);
    return out.subarray(0, at);
  }

  end(): Buffer {
    const out: number[] = [];
    this.#flush((octet) => out.push(octet));
    if (!this.#atLineStart || this.#carriageReturn) out.push(LF);
    out.push(LF);
    return Buffer.from(out);
  }

  #step(octet: number, write: (octet: number) => void): void {
    if (this.#carriageReturn && octet !== LF) {
      this.#carriageReturn = false;
      this.#plain(CR, write);
    }
    this.#carriageReturn = octet === CR;
    if (octet === CR) return;
    if (this.#matched >= 0 && octet === FROM[this.#matched]) {
      this.#atLineStart = false;
      this.#matched += 1;
      if (this.#matched === FROM.length) this.#quote(write);
      return;
    }
    this.#plain(octet, write);
  }

  #plain(octet: number, write: (octet: number) => void): void {
    const leading = this.#matched === 0 && octet === QUOTE;
    this.#writeMatched(write);
    write(octet);
    this.#atLineStart = octet === LF;
    this.#matched = leading || octet === LF ? 0 : -1;
  }

  #quote(write: (octet: number) => void): void {
    write(QUOTE);
    for (const octet of FROM) write(octet);
    this.#matched = -1;
  }

  #writeMatched(write: (octet: number) => void): void {
    for (let i = 0; i < this.#matched; i += 1) write(FROM[i] ?? 0);
    this.#matched = -1;
  }

  #flush(write: (octet: number) => void): void {
    this.#writeMatched(write);
    if (this.#carriageReturn) write(CR);
  }
}

/** `Thu Jan  1 00:00:00 1970`, in UTC. */
function asctime(date: Date): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
