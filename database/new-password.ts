import { randomBytes } from 'node:crypto';

/** 32 characters: of that length MariaDB's ed25519 takes a password for the seed that it is. */
const OCTETS = 24;
/** One of each is what servers ask for that check passwords (validate_password of MySQL); a third of all have no sign in them. */
const CLASSES = [/[a-z]/, /[A-Z]/, /\d/, /[-_]/];

/** A password of a database account: nobody types it. Made anew until it has characters of each class, which costs less than a bit of 192. */
export function newPassword(): string {
  for (;;) {
    const password = randomBytes(OCTETS).toString('base64url');
    if (CLASSES.every((one) => one.test(password))) return password;
  }
}
