import { createHmac, hash, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { saslPrep } from './sasl-prep.ts';

/** What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, 3; RFC 7677): enough to check a proof, not to make one. */
export type ScramKeys = {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
};

/** Octets of SHA-256. */
export const HASH_OCTETS = 32;

export const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
export const sha256 = (octets: Buffer): Buffer => hash('sha256', octets, 'buffer');

const derive = promisify(pbkdf2);

/** On the thread pool. `Hi` of RFC 5802, 2.2, is PBKDF2. */
export async function deriveKeys(
  password: string,
  { salt, iterations }: Pick<ScramKeys, 'salt' | 'iterations'>,
): Promise<ScramKeys> {
  const salted = await derive(saslPrep(password), salt, iterations, HASH_OCTETS, 'sha256');
  const storedKey = sha256(hmac(salted, 'Client Key'));
  return { iterations, salt, storedKey, serverKey: hmac(salted, 'Server Key') };
}

const TEXT = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/;

/** `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (RFC 5803), as it is stored. */
export function writeScramKeys({ iterations, salt, storedKey, serverKey }: ScramKeys): string {
  const [saltText, stored, server] = [salt, storedKey, serverKey].map((octets) => octets.toString('base64'));
  return `SCRAM-SHA-256$${iterations}:${saltText}$${stored}:${server}`;
}

/** @throws Error where the text is not what `writeScramKeys` writes */
export function readScramKeys(text: string): ScramKeys {
  const [, iterations, salt = '', storedKey = '', serverKey = ''] = TEXT.exec(text) ?? [];
  if (iterations === undefined) throw new Error('stored SCRAM keys cannot be read');
  const octets = (base64: string): Buffer => Buffer.from(base64, 'base64');
  return {
    iterations: Number(iterations),
    ...{ salt: octets(salt), storedKey: octets(storedKey), serverKey: octets(serverKey) },
  };
}
