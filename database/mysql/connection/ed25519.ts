import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** PKCS #8 of an Ed25519 key (RFC 8410, 7), up to its seed of 32 octets. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_OCTETS = 32;
const KEY_OCTETS = 32;

/**
 * MariaDB's `ed25519`: the password itself is the seed of the key, and the answer signs what the server has sent. MariaDB
 * hashes passwords of any length where Ed25519 has a seed of 32 octets; for a password of just that length the two are
 * one, and those of our accounts are made so long.
 *
 * @throws Error for a password of another length
 */
export function signInByEd25519(password: string): (scramble: Buffer) => Buffer {
  return (scramble) => sign(null, scramble.subarray(0, SEED_OCTETS), keyOf(password));
}

/** What MariaDB keeps of a password: the public key, in base64 without padding. @throws Error for a password of another length */
export function ed25519PublicKey(password: string): string {
  const spki = createPublicKey(keyOf(password)).export({ format: 'der', type: 'spki' });
  return spki.subarray(-KEY_OCTETS).toString('base64').replaceAll('=', '');
}

function keyOf(password: string): KeyObject {
  const seed = Buffer.from(password, 'utf8');
  if (seed.length !== SEED_OCTETS) {
    throw new Error(`the account signs in by ed25519, for which its password must be ${SEED_OCTETS} octets long`);
  }
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
