import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { StagedMessage } from '../../content-store.ts';
import { type Chunk, contentColumns, contentValues, type NewContent } from '../../messages/content-row.ts';
import type { StageStatements } from '../../messages/stage.ts';
import { type Connection, rows, type Statement, type Value } from '../connection.ts';

/**
 * Content and only chunk of a small message; nothing for one that was staged. A second try of an operation may meet the first
 * one, still at work: then the operation's own key decides. Whoever meets it waits for it as if to write, not as if to read: of
 * several that read, none could write then.
 */
export function contentStatements({ content, hash, inline }: StagedMessage): readonly Statement[] {
  if (inline === null) return [];
  const { raw, analysis } = inline;
  return [
    insertContent({ id: content, chunks: 1, hash, analysis }),
    insertChunk({ content, number: 0, hash, data: raw }),
  ];
}

/** What `stage` needs. */
export const stageStatements: StageStatements<Connection> = {
  async insertContent(tx, content) {
    await rows(tx, { ...insertContent(content), prepared: true });
  },

  async insertChunk(tx, chunk) {
    if (chunk.number === 0) await rows(tx, beginUpload(chunk));
    await rows(tx, { ...insertChunk(chunk), prepared: true });
  },
};

const insertContent = (content: NewContent): Statement => ({
  name: 'content',
  text: `INSERT INTO content (${contentColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE id = id`,
  values: [uuidOctets(content.id), ...(contentValues(content).slice(1) as Value[])],
});

const insertChunk = ({ content, number, hash, data }: Chunk): Statement => ({
  name: 'chunk',
  text: 'INSERT INTO chunk (content, number, hash, data) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE number = number',
  values: [uuidOctets(content), number, hash, data],
});

const beginUpload = ({ content }: Chunk): Statement => ({
  name: 'chunks-begin',
  text: 'INSERT INTO staged (content) VALUES (?) ON DUPLICATE KEY UPDATE content = content',
  values: [uuidOctets(content)],
});
