import { hash as digest } from 'node:crypto';
import type { MessageContent } from '../store/content-store.ts';
import type { MailboxId } from '../store/types.ts';

// RFC 8474, 8.1: a letter in front keeps identifiers from beginning with a digit or a dash, and from looking like numbers.

/** 160 bits: nobody meets two by chance, or by trying. */
const EMAIL_ID_DIGITS = 40;

/** MAILBOXID: a mailbox keeps its UUID when it is renamed, and no other one ever gets it. */
export const mailboxObjectId = (mailbox: MailboxId): string => `F${mailbox}`;

/**
 * EMAILID: the same for messages that have the same octets and the same INTERNALDATE (to the second, as it is told), in
 * whatever mailbox: what RFC 3501, 2.3.1.1 lets never change must be equal under one identifier (RFC 8474, 5.1). Nothing is
 * stored for it, so messages of any age have one.
 */
export function emailObjectId({ uid, contentHash, internalDate }: MessageContent): string {
  if (contentHash === undefined || internalDate === undefined) {
    throw new Error(`message ${uid} was read without what its EMAILID is made of`);
  }
  const seconds = Math.floor(internalDate.getTime() / 1000);
  const identity = digest('sha256', `${contentHash.toString('hex')} ${seconds}`, 'hex');
  return `M${identity.slice(0, EMAIL_ID_DIGITS)}`;
}
