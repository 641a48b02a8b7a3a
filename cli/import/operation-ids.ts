import { createHash } from 'node:crypto';

/** A mailbox, and not one of the same name before or after it. */
export type MailboxIdentity = { readonly name: string; readonly uidValidity: number };

/**
 * Names each message of an import so that repeating the import, whole or from the middle, stores nothing twice: a hash of
 * the user, the mailbox, the content, and how many equal messages the source had before it. Equal messages that stand
 * in the source twice are stored twice; and a source that was moved, or has grown, is still known. UIDVALIDITY tells a
 * mailbox from an earlier one of its name: what that had went with it, and is not there already.
 */
export class OperationIds {
  readonly #user: string;
  readonly #seen = new Map<string, number>();

  constructor(user: string) {
    this.#user = user;
  }

  next({ name: mailbox, uidValidity }: MailboxIdentity, bytes: Uint8Array): string {
    const content = createHash('sha256').update(bytes).digest('base64url');
    const key = `${mailbox}\0${content}`;
    const before = this.#seen.get(key) ?? 0;
    this.#seen.set(key, before + 1);
    const name = JSON.stringify(['import', this.#user, mailbox, uidValidity, content, before]);
    // A UUID's size, in a UUID's form: what operation ids look like everywhere else.
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 32);
    return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}
