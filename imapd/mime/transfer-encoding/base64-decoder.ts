const NOT_BASE64 = /[^A-Za-z0-9+/]+/g;

/** Base64 (RFC 2045, 6.8) that arrives in chunks; line ends and whatever else is no base64 are skipped. */
export class Base64Decoder {
  /** Fewer than four characters that wait for their group. */
  #held = '';

  write(chunk: Buffer): Buffer {
    // Padding ends a group: some programs join several encoded texts, each with its own.
    const [first = '', ...others] = (this.#held + chunk.toString('latin1')).split('=');
    const pieces: Buffer[] = [];
    let current = first.replace(NOT_BASE64, '');
    for (const other of others) {
      if (current !== '') pieces.push(Buffer.from(current, 'base64'));
      current = other.replace(NOT_BASE64, '');
    }
    const whole = current.length - (current.length % 4);
    pieces.push(Buffer.from(current.slice(0, whole), 'base64'));
    this.#held = current.slice(whole);
    return Buffer.concat(pieces);
  }

  end(): Buffer {
    const rest = Buffer.from(this.#held, 'base64');
    this.#held = '';
    return rest;
  }
}
