import type { KeywordBits } from '../../messages/keywords.ts';
import { type Connection, rows } from '../connection.ts';

/** The caller holds the lock of the mailbox row. */
export async function saveKeywords(tx: Connection, mailbox: string, { keywords, grown }: KeywordBits): Promise<void> {
  if (!grown) return;
  await rows(tx, {
    name: 'keywords-save',
    text: 'UPDATE mail.mailbox SET keywords = $2 WHERE id = $1',
    values: [mailbox, keywords],
  });
}
