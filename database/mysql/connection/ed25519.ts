import { createPrivateKey, sign } from 'node:crypto';

/** PKCS #8 of an Ed25519 key (RFC 8410, 7), up to its seed of 32 octets. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_OCTETS = 32;

/**
 * MariaDB's `ed25519`: the password itself is the seed of the key, and the answer signs what the server has sent. MariaDB
 * hashes passwords of any length where Ed25519 has a seed of 32 octets; for a password of just that length the two are
 * one, and those of our accounts are made so long.
 *
 * @throws Error for a password of another length
 */
export function signInByEd25519(password: string): (scramble: Buffer) => Buffer {
  return (scramble) => {
    const seed = Buffer.from(password, 'utf8');
    if (seed.length !== SEED_OCTETS) {
      throw new Error(`the account signs in by ed25519, for which its password must be ${SEED_OCTETS} octets long`);
    }
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
    return sign(null, scramble.subarray(0, SEED_OCTETS), key);
  };
}
