import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Between whom a copy goes, and the two numbers by which no copy is like another. */
export type CopyParties = {
  readonly cluster: string;
  readonly partition: string;
  readonly donor: string;
  readonly recipient: string;
  readonly nonce: string;
  readonly recipientNonce: string;
};

export const newNonce = (): string => randomBytes(24).toString('base64url');

/** What only those two have, who both know the password, for this copy alone. It says nothing of the password. */
export function copyKey(password: string, parties: CopyParties): Buffer {
  const { cluster, partition, donor, recipient, nonce, recipientNonce } = parties;
  const text = JSON.stringify(['imapcluster copy', cluster, partition, donor, recipient, nonce, recipientNonce]);
  return createHmac('sha256', password).update(text).digest();
}

/** That the recipient has the key. */
export const proofOf = (key: Buffer): string => createHmac('sha256', key).update('request').digest('base64url');

export function isProof(key: Buffer, proof: string): boolean {
  const expected = Buffer.from(proofOf(key));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
