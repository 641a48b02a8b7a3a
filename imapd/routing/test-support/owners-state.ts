import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { OperationId } from '../../store/types.ts';
import type { TestRepository } from './test-repository.ts';

/**
 * All that the owner's mail is made of, without what differs from run to run (names of users, UUIDs, UIDVALIDITY), and how often
 * the operation is recorded.
 */
export async function ownersState(
  repository: TestRepository,
  owner: string,
  operation: OperationId,
): Promise<{ readonly state: unknown; readonly times: number }> {
  const server = repository.server('a');
  if (repository.engine === 'postgresql') {
    const count = '(SELECT count(*)::int FROM mail.operation WHERE id = $2) AS times';
    const [found] = await server.sql<{ state: unknown; times: number }>(`${inPostgres}, ${count}`, [owner, operation]);
    return { state: found?.state, times: found?.times ?? 0 };
  }
  const state: Record<string, unknown> = {};
  for (const [part, text] of Object.entries(inMysql)) state[part] = await server.sql(text, [owner]);
  const count = 'SELECT COUNT(*) AS times FROM operation WHERE id = ?';
  const [found] = await server.sql<{ times: number }>(count, [uuidOctets(operation)]);
  return { state, times: found?.times ?? 0 };
}

const inPostgres = `
SELECT json_build_object(
  'accounts', (SELECT json_agg(json_build_array(a.password_hash, a.scram_keys) ORDER BY a.name) FROM mail.account a WHERE a.name LIKE $1 || '%'),
  'mailboxes', (SELECT json_agg(json_build_array(m.name, m.uid_next, m.modseq, m.recent_from, m.messages, m.unseen, m.size,
                                                 m.keywords) ORDER BY m.owner, m.name)
                  FROM mail.mailbox m WHERE m.owner LIKE $1 || '%'),
  'messages', (SELECT json_agg(json_build_array(m.name, s.uid, s.modseq, s.flags, s.keywords, encode(c.hash, 'hex'),
                                 (SELECT array_agg(encode(p.hash, 'hex') ORDER BY p.number) FROM mail.chunk p WHERE p.content = c.id))
                                 ORDER BY m.name, s.uid)
                 FROM mail.message s JOIN mail.mailbox m ON m.id = s.mailbox LEFT JOIN mail.content c ON c.id = s.content
                 WHERE m.owner LIKE $1 || '%'),
  'tombstones', (SELECT json_agg(json_build_array(m.name, t.uid, t.modseq) ORDER BY m.name, t.uid)
                   FROM mail.tombstone t JOIN mail.mailbox m ON m.id = t.mailbox WHERE m.owner LIKE $1 || '%'),
  'subscriptions', (SELECT json_agg(s.name ORDER BY s.name) FROM mail.subscription s WHERE s.owner LIKE $1 || '%')
) AS state`;

const OF_OWNER = "m.owner LIKE CONCAT(?, '%')";
const inMysql = {
  accounts: "SELECT password_hash, scram_keys FROM account WHERE name LIKE CONCAT(?, '%') ORDER BY name",
  mailboxes: `SELECT m.name, m.uid_next, m.modseq, m.recent_from, m.messages, m.unseen, m.size, HEX(m.keywords) AS keywords
    FROM mailbox m WHERE ${OF_OWNER} ORDER BY m.owner, m.name`,
  messages: `SELECT m.name, s.uid, s.modseq, s.flags, s.keywords & 0x7fffffff AS keywords, HEX(c.hash) AS hash,
      (SELECT GROUP_CONCAT(HEX(p.hash) ORDER BY p.number) FROM chunk p WHERE p.content = c.id) AS hashes
    FROM message s JOIN mailbox m ON m.id = s.mailbox LEFT JOIN content c ON c.id = s.content
    WHERE ${OF_OWNER} ORDER BY m.name, s.uid`,
  tombstones: `SELECT m.name, t.uid, t.modseq FROM tombstone t JOIN mailbox m ON m.id = t.mailbox
    WHERE ${OF_OWNER} ORDER BY m.name, t.uid`,
  subscriptions: "SELECT name FROM subscription WHERE owner LIKE CONCAT(?, '%') ORDER BY name",
} as const;
