import { type Check, type Difference, type DifferentRow, findDifferences } from '../verify.ts';
import { type Connection, rows } from './connection.ts';
import { uuidSql as uuid } from './uuid-sql.ts';
import { findWrongHashes } from './verify-hashes.ts';

/** Octets of names become text: of long ones the server makes a BLOB. */
const place = (...parts: readonly string[]): string => `CONVERT(CONCAT_WS(' ', ${parts.join(', ')}) USING utf8mb4)`;

type Numbers = Readonly<Record<string, { readonly found: string; readonly expected: string }>>;

/** A row for each number that is not as it must be. */
function compared(numbers: Numbers, { of, from }: { readonly of: string; readonly from: string }): string {
  const names = Object.keys(numbers).map((what, n) => `SELECT ${n} AS n, '${what}' AS what`);
  const pick = (side: 'found' | 'expected'): string =>
    `CASE w.n ${Object.values(numbers)
      .map((number, n) => `WHEN ${n} THEN ${number[side]}`)
      .join(' ')} END AS ${side}`;
  return `SELECT ${place('c.whose', 'c.what')} AS place, c.found, c.expected FROM (
      SELECT ${of} AS whose, w.n, w.what, ${pick('found')}, ${pick('expected')}
      FROM ${from} CROSS JOIN (${names.join(' UNION ALL ')}) w
    ) c WHERE c.found <> c.expected ORDER BY c.whose, c.n`;
}

const counted = (column: string): string => `COALESCE(r.${column}, 0)`;

const counters = compared(
  {
    messages: { found: 'm.messages', expected: counted('messages') },
    unseen: { found: 'm.unseen', expected: counted('unseen') },
    deleted: { found: 'm.deleted', expected: counted('deleted') },
    size: { found: 'm.size', expected: counted('size') },
    UIDNEXT: { found: 'm.uid_next', expected: `GREATEST(m.uid_next, ${counted('uid')} + 1)` },
    HIGHESTMODSEQ: { found: 'm.modseq', expected: `GREATEST(m.modseq, ${counted('modseq')})` },
  },
  {
    of: "CONCAT(m.owner, ' ', m.name)",
    from: `mailbox m LEFT JOIN (
        SELECT mailbox, COUNT(*) AS messages, SUM(flags & 1 = 0) AS unseen, SUM(flags & 8 <> 0) AS deleted,
          SUM(size) AS size, MAX(uid) AS uid, MAX(modseq) AS modseq
        FROM message GROUP BY mailbox
      ) r ON r.mailbox = m.id`,
  },
);

const owned =
  'SELECT owner, SUM(size) AS storage, SUM(messages) AS messages, COUNT(*) AS mailboxes FROM mailbox GROUP BY owner';

const usage = compared(
  {
    storage: { found: 'b.storage', expected: 'b.owned_storage' },
    messages: { found: 'b.messages', expected: 'b.owned_messages' },
    mailboxes: { found: 'b.mailboxes', expected: 'b.owned_mailboxes' },
  },
  {
    of: 'b.owner',
    from: `(
        SELECT u.owner, u.storage, u.messages, u.mailboxes, ${counted('storage')} AS owned_storage,
          ${counted('messages')} AS owned_messages, ${counted('mailboxes')} AS owned_mailboxes
        FROM usage_of u LEFT JOIN (${owned}) r ON r.owner = u.owner
        UNION ALL
        SELECT r.owner, 0, 0, 0, r.storage, r.messages, r.mailboxes FROM (${owned}) r
        WHERE NOT EXISTS (SELECT 1 FROM usage_of u WHERE u.owner = r.owner)
      ) b`,
  },
);

const ofNoMailbox = (table: string): string => `
  SELECT ${uuid('x.mailbox')} AS place, COUNT(*) AS found, 0 AS expected FROM ${table} x
  WHERE NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.id = x.mailbox)
    AND NOT EXISTS (SELECT 1 FROM removed_mailbox b WHERE b.id = x.mailbox)
  GROUP BY x.mailbox`;

const withoutContent = (table: string): string => `
  SELECT ${place(uuid('x.mailbox'), 'x.uid')} AS place, 0 AS found, 1 AS expected FROM ${table} x
  WHERE x.content IS NOT NULL AND NOT EXISTS (SELECT 1 FROM content c WHERE c.id = x.content)`;

const checks: Readonly<Record<Check, string | ((c: Connection) => Promise<readonly DifferentRow[]>)>> = {
  'counters of a mailbox': counters,
  'usage of a user': usage,
  'UIDVALIDITY used twice': `
    SELECT CONCAT('uid_validity ', uid_validity) AS place, COUNT(*) AS found, 1 AS expected
    FROM mailbox GROUP BY uid_validity HAVING COUNT(*) > 1
    UNION ALL SELECT 'next uid_validity', v.next, m.highest + 1
    FROM uid_validity v, (SELECT MAX(uid_validity) AS highest FROM mailbox) m WHERE v.next <= m.highest`,
  'messages of no mailbox': ofNoMailbox('message'),
  'rights on no mailbox': ofNoMailbox('acl'),
  'what was seen of no message': `
    SELECT ${place(uuid('s.mailbox'), 's.uid')} AS place, COUNT(*) AS found, 0 AS expected FROM seen s
    WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.mailbox = s.mailbox AND m.uid = s.uid)
      AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.mailbox = s.mailbox AND t.uid = s.uid)
      AND NOT EXISTS (SELECT 1 FROM removed_mailbox b WHERE b.id = s.mailbox)
    GROUP BY s.mailbox, s.uid`,
  'what was seen ahead of its mailbox': `
    SELECT ${place('m.owner', 'm.name')} AS place, MAX(s.modseq) AS found, m.modseq AS expected
    FROM mailbox m JOIN seen s ON s.mailbox = m.id
    GROUP BY m.id, m.owner, m.name, m.modseq HAVING MAX(s.modseq) > m.modseq`,
  'tombstones of living messages': `
    SELECT ${place(uuid('t.mailbox'), 't.uid')} AS place, 1 AS found, 0 AS expected
    FROM tombstone t JOIN message m ON m.mailbox = t.mailbox AND m.uid = t.uid`,
  'tombstones ahead of their mailbox': `
    SELECT ${place('m.owner', 'm.name')} AS place, MAX(t.modseq) AS found, m.modseq AS expected
    FROM mailbox m JOIN tombstone t ON t.mailbox = m.id
    GROUP BY m.id, m.owner, m.name, m.modseq HAVING MAX(t.modseq) > m.modseq`,
  'messages without content': `${withoutContent('message')} UNION ALL ${withoutContent('tombstone')}`,
  'size of a message and of its content': `
    SELECT ${place(uuid('m.mailbox'), 'm.uid')} AS place, m.size AS found, c.size AS expected
    FROM message m JOIN content c ON c.id = m.content WHERE m.size <> c.size`,
  'signatures of no content': `
    SELECT ${uuid('g.content')} AS place, 1 AS found, 0 AS expected FROM text_signature g
    WHERE NOT EXISTS (SELECT 1 FROM content c WHERE c.id = g.content)`,
  'chunks of a content': `
    SELECT ${uuid('c.id')} AS place, COALESCE(k.size, 0) AS found, c.size AS expected FROM content c
    LEFT JOIN (SELECT content, COUNT(*) AS n, SUM(OCTET_LENGTH(data)) AS size FROM chunk GROUP BY content) k
      ON k.content = c.id WHERE NOT (k.size <=> c.size) OR NOT (k.n <=> c.chunks)`,
  'hash of a chunk': `
    SELECT ${place(uuid('content'), 'number')} AS place, SHA2(data, 256) AS found, LOWER(HEX(hash)) AS expected
    FROM chunk WHERE SHA2(data, 256) <> LOWER(HEX(hash))`,
  'hash of a message': findWrongHashes,
};

/** See `findDifferences`. */
export const verify = (c: Connection, started: (check: Check) => void): Promise<Difference[]> =>
  findDifferences(
    checks,
    (check) => (typeof check === 'string' ? rows<DifferentRow>(c, { name: 'verify', text: check }) : check(c)),
    started,
  );
