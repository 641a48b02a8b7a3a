import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { KeywordBits } from '../../messages/keywords.ts';
import { type Connection, rows, type Statement } from '../connection.ts';
import { wordsText } from '../words.ts';

/** None where there is no new one. The caller holds the lock of the mailbox row. */
export function keywordStatements(mailbox: string, { keywords, grown }: KeywordBits): readonly Statement[] {
  if (!grown) return [];
  return [
    {
      name: 'keywords-save',
      text: 'UPDATE mailbox SET keywords = ? WHERE id = ?',
      values: [wordsText(keywords), uuidOctets(mailbox)],
    },
  ];
}

export async function saveKeywords(tx: Connection, mailbox: string, bits: KeywordBits): Promise<void> {
  for (const statement of keywordStatements(mailbox, bits)) await rows(tx, statement);
}
