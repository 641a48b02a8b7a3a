import type { StagedMessage } from '../../content-store.ts';
import { contentColumns, contentValues } from '../../messages/content-row.ts';
import type { StageStatements } from '../../messages/stage.ts';
import { type Connection, rows } from '../connection.ts';
import type { NamedStatement } from '../send-at-once.ts';

/**
 * Writes content and only chunk of a small message in one statement; nothing for one that was staged. A second try of an
 * operation may meet the first one, still at work: then the operation's own key decides (ON CONFLICT DO NOTHING).
 */
export async function insertContent(tx: Connection, staged: StagedMessage): Promise<void> {
  const statement = contentStatement(staged);
  if (statement !== null) await rows(tx, statement);
}

export function contentStatement(staged: StagedMessage): NamedStatement | null {
  if (staged.inline === null) return null;
  const { raw, analysis } = staged.inline;
  return {
    name: 'content-with-chunk',
    text: `WITH content AS (${insertContentText})
      INSERT INTO mail.chunk (content, number, hash, data, nul) VALUES ($1, 0, $4, $11, $12) ON CONFLICT DO NOTHING`,
    values: [...contentValues({ id: staged.content, chunks: 1, hash: staged.hash, analysis }), raw, raw.includes(0)],
  };
}

/** What `stage` needs. */
export const stageStatements: StageStatements<Connection> = {
  async insertContent(tx, content) {
    await rows(tx, { name: 'content-of-staged', text: insertContentText, values: contentValues(content) });
  },

  async insertChunk(tx, chunk) {
    const first = chunk.number === 0;
    await rows(tx, {
      name: first ? 'chunk-first' : 'chunk-next',
      text: `${first ? 'WITH begun AS (INSERT INTO mail.staged (content) VALUES ($1) ON CONFLICT DO NOTHING)' : ''}
      INSERT INTO mail.chunk (content, number, hash, data, nul) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      values: [chunk.content, chunk.number, chunk.hash, chunk.data, chunk.data.includes(0)],
    });
  },
};

const insertContentText = `
  INSERT INTO mail.content
    (${contentColumns})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`;
