/** PostgreSQL counts microseconds since 2000-01-01, JavaScript milliseconds since 1970-01-01. */
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const WORD = 2 ** 32;

/**
 * The fields of one row in PostgreSQL's binary format, read one after the other in the order of the SELECT; each must be
 * read as what it is, for the octets do not say.
 */
export class OctetRow {
  readonly #octets: Buffer;
  /** Behind the number of fields. */
  #at = 2;

  /** `octets`: body of a DataRow message. */
  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  /** A `bytea`: the row's own octets, not a copy. */
  bytea(): Buffer | null {
    const length = this.#length();
    if (length < 0) return null;
    this.#at += length;
    return this.#octets.subarray(this.#at - length, this.#at);
  }

  text(): string | null {
    const octets = this.bytea();
    return octets === null ? null : octets.toString();
  }

  /** A `float8`. */
  number(): number | null {
    if (this.#length() < 0) return null;
    this.#at += 8;
    return this.#octets.readDoubleBE(this.#at - 8);
  }

  /** An `integer`. */
  integer(): number | null {
    if (this.#length() < 0) return null;
    this.#at += 4;
    return this.#octets.readInt32BE(this.#at - 4);
  }

  boolean(): boolean | null {
    if (this.#length() < 0) return null;
    this.#at += 1;
    return this.#octets[this.#at - 1] === 1;
  }

  /** A `timestamptz`, to the millisecond. */
  date(): Date | null {
    if (this.#length() < 0) return null;
    this.#at += 8;
    const [high, low] = [this.#octets.readInt32BE(this.#at - 8), this.#octets.readUInt32BE(this.#at - 4)];
    return new Date(POSTGRES_EPOCH_MS + Math.floor((high * WORD + low) / 1_000));
  }

  /** Of the next field; below 0 for null. */
  #length(): number {
    this.#at += 4;
    return this.#octets.readInt32BE(this.#at - 4);
  }
}
