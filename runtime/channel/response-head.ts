/** `upgrade`: what the connection is from now on; undefined: what it was. `rest`: what came after the head. */
export type ResponseHead = { readonly status: number; readonly upgrade: string | undefined; readonly rest: Buffer };

const MOST_OCTETS = 16 * 1024;
const END = '\r\n\r\n';
const SWITCHING_PROTOCOLS = 101;
const OK = 200;

/** Reads the head of an answer (RFC 9112, section 4) out of chunks, whatever these have cut. Heads that only say "wait" are passed over. */
export class ResponseHeadReader {
  #read: Buffer = Buffer.alloc(0);

  /** null: it has not come to its end yet. @throws SyntaxError for what is no answer of HTTP/1, or has no end */
  take(chunk: Buffer): ResponseHead | null {
    this.#read = Buffer.concat([this.#read, chunk]);
    for (let end = this.#end(); end !== null; end = this.#end()) {
      const [first = '', ...fields] = this.#read.toString('latin1', 0, end).split('\r\n');
      const rest = this.#read.subarray(end + END.length);
      const status = statusOf(first);
      if (status === SWITCHING_PROTOCOLS || status >= OK) return { status, upgrade: upgradeOf(fields), rest };
      this.#read = rest;
    }
    return null;
  }

  #end(): number | null {
    const end = this.#read.indexOf(END);
    if ((end < 0 ? this.#read.length : end) > MOST_OCTETS)
      throw new SyntaxError(`the head of an answer of more than ${MOST_OCTETS} octets`);
    return end < 0 ? null : end;
  }
}

function statusOf(line: string): number {
  const [, status] = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(line) ?? [];
  if (status === undefined) throw new SyntaxError(`no answer of HTTP: ${line.slice(0, 80)}`);
  return Number(status);
}

function upgradeOf(fields: readonly string[]): string | undefined {
  const [, value] = fields.map((field) => /^upgrade:(.*)$/i.exec(field)).find((found) => found !== null) ?? [];
  return value?.trim();
}
