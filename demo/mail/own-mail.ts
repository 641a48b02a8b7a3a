import { mboxSource } from '#cli/import/mbox-source.ts';
import type { Mail } from './generator.ts';
import { mailOfItem } from './mail-of-item.ts';

/** Mail out of an mbox file of somebody's own. */
export type OwnMail = {
  readonly mail: readonly Mail[];
  /** Messages that were found, taken or not. */
  readonly found: number;
  /** Entries that are no messages. */
  readonly broken: number;
  /** False where the file is so large that the rest of it was left unread. */
  readonly readWhole: boolean;
};

export type OwnMailBounds = {
  readonly messages: number;
  /** Of all messages together. */
  readonly bytes: number;
  /** Of the file, for counting what is in it. */
  readonly read: number;
};

/** The first messages of `file` within the bounds; what is there twice is taken once. */
export async function readOwnMail(file: string, bounds: OwnMailBounds, signal: AbortSignal): Promise<OwnMail> {
  const { items } = await mboxSource(file, 'INBOX');
  const taken = new Map<string, Mail>();
  let [found, broken, bytes, read] = [0, 0, 0, 0];
  for await (const item of items(signal)) {
    read += item.sourceBytes;
    const mail = mailOfItem(item);
    if (mail === null) broken += 1;
    else {
      found += 1;
      const fits = taken.size < bounds.messages && bytes + mail.raw.length <= bounds.bytes;
      if (fits && !taken.has(mail.hash)) {
        taken.set(mail.hash, mail);
        bytes += mail.raw.length;
      }
    }
    if (read > bounds.read) break;
  }
  return { mail: [...taken.values()], found, broken, readWhole: read <= bounds.read };
}
