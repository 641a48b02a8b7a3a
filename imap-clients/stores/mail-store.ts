/** Where mail lies: a user's mailboxes on a server, or a Maildir. Messages are known by a digest of their content. */
export type MailStore = {
  /** Every mailbox whole, by name; those without messages too. */
  read(): Promise<Contents>;
  /** Messages in a mailbox; 0 where there is none. Cheap, to wait for a number. */
  count(mailbox: string): Promise<number>;
  /** Makes the mailbox where it is not there. */
  add(mailbox: string, messages: readonly NewMessage[]): Promise<void>;
  addFlags(mailbox: string, digests: readonly string[], flags: readonly string[]): Promise<void>;
  move(digests: readonly string[], from: string, to: string): Promise<void>;
  remove(mailbox: string, digests: readonly string[]): Promise<void>;
};

export type NewMessage = { readonly raw: Buffer; readonly flags: readonly string[] };

/** Flags in lower case and in order, without `\recent`. */
export type StoredMessage = { readonly digest: string; readonly flags: readonly string[] };
export type Contents = ReadonlyMap<string, readonly StoredMessage[]>;

/** What a message is known by: its octets, or what mail programs leave of them. */
export type Digest = (raw: Buffer) => string;

/** One line a message, in order: to be compared, and read by people where that fails. */
export const asLines = (contents: Contents): readonly string[] =>
  [...contents]
    .flatMap(([mailbox, messages]) =>
      messages.map(({ digest, flags }) => `${mailbox} ${digest} ${flags.join(' ')}`.trim()),
    )
    .sort();

/** RFC 3501 2.3.2: names of flags do not differ by case; `\Recent` belongs to a session. */
export const comparableFlags = (flags: readonly string[]): readonly string[] =>
  [...new Set(flags.map((flag) => flag.toLowerCase()))].filter((flag) => flag !== '\\recent' && flag !== '').sort();

/** Only what a store can hold that knows no more flags than these. */
export const withFlags = (contents: Contents, known: readonly string[]): Contents =>
  new Map(
    [...contents].map(([mailbox, messages]) => [
      mailbox,
      messages.map(({ digest, flags }) => ({ digest, flags: flags.filter((flag) => known.includes(flag)) })),
    ]),
  );
