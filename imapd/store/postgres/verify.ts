import { type Check, type Difference, type DifferentRow, findDifferences } from '../verify.ts';
import { type Connection, rows } from './connection.ts';

const checks: Readonly<Record<Check, string>> = {
  'counters of a mailbox': `
    SELECT m.owner || ' ' || m.name || ' ' || c.what AS place, c.found, c.expected
    FROM mail.mailbox m CROSS JOIN LATERAL (
      SELECT count(*) AS messages, count(*) FILTER (WHERE flags & 1 = 0) AS unseen,
        count(*) FILTER (WHERE flags & 8 <> 0) AS deleted, coalesce(sum(size), 0) AS size,
        coalesce(max(uid), 0) AS uid, coalesce(max(modseq), 0) AS modseq
      FROM mail.message WHERE mailbox = m.id
    ) r CROSS JOIN LATERAL (VALUES
      ('messages', m.messages, r.messages), ('unseen', m.unseen, r.unseen), ('deleted', m.deleted, r.deleted),
      ('size', m.size, r.size), ('UIDNEXT', m.uid_next, greatest(m.uid_next, r.uid + 1)),
      ('HIGHESTMODSEQ', m.modseq, greatest(m.modseq, r.modseq))
    ) AS c(what, found, expected) WHERE c.found <> c.expected`,
  'usage of a user': `
    SELECT coalesce(u.owner, r.owner) || ' ' || c.what AS place, c.found, c.expected
    FROM mail.usage u FULL JOIN (
      SELECT owner, sum(size) AS storage, sum(messages) AS messages, count(*) AS mailboxes FROM mail.mailbox GROUP BY owner
    ) r ON r.owner = u.owner CROSS JOIN LATERAL (VALUES
      ('storage', coalesce(u.storage, 0), coalesce(r.storage, 0)),
      ('messages', coalesce(u.messages, 0), coalesce(r.messages, 0)),
      ('mailboxes', coalesce(u.mailboxes, 0), coalesce(r.mailboxes, 0))
    ) AS c(what, found, expected) WHERE c.found <> c.expected`,
  'UIDVALIDITY used twice': `
    SELECT 'uid_validity ' || uid_validity AS place, count(*) AS found, 1 AS expected
    FROM mail.mailbox GROUP BY uid_validity HAVING count(*) > 1
    UNION ALL SELECT 'next uid_validity', v.next, m.highest + 1
    FROM mail.uid_validity v, (SELECT max(uid_validity) AS highest FROM mail.mailbox) m WHERE v.next <= m.highest`,
  'messages of no mailbox': `
    SELECT m.mailbox::text AS place, count(*) AS found, 0 AS expected FROM mail.message m
    WHERE NOT EXISTS (SELECT 1 FROM mail.mailbox b WHERE b.id = m.mailbox)
      AND NOT EXISTS (SELECT 1 FROM mail.removed_mailbox b WHERE b.id = m.mailbox)
    GROUP BY m.mailbox`,
  'rights on no mailbox': `
    SELECT a.mailbox::text AS place, count(*) AS found, 0 AS expected FROM mail.acl a
    WHERE NOT EXISTS (SELECT 1 FROM mail.mailbox b WHERE b.id = a.mailbox)
      AND NOT EXISTS (SELECT 1 FROM mail.removed_mailbox b WHERE b.id = a.mailbox)
    GROUP BY a.mailbox`,
  'what was seen of no message': `
    SELECT s.mailbox || ' ' || s.uid AS place, count(*) AS found, 0 AS expected FROM mail.seen s
    WHERE NOT EXISTS (SELECT 1 FROM mail.message m WHERE m.mailbox = s.mailbox AND m.uid = s.uid)
      AND NOT EXISTS (SELECT 1 FROM mail.tombstone t WHERE t.mailbox = s.mailbox AND t.uid = s.uid)
      AND NOT EXISTS (SELECT 1 FROM mail.removed_mailbox b WHERE b.id = s.mailbox)
    GROUP BY s.mailbox, s.uid`,
  'what was seen ahead of its mailbox': `
    SELECT m.owner || ' ' || m.name AS place, max(s.modseq) AS found, m.modseq AS expected
    FROM mail.mailbox m JOIN mail.seen s ON s.mailbox = m.id GROUP BY m.id HAVING max(s.modseq) > m.modseq`,
  'tombstones of living messages': `
    SELECT t.mailbox || ' ' || t.uid AS place, 1 AS found, 0 AS expected
    FROM mail.tombstone t JOIN mail.message m ON m.mailbox = t.mailbox AND m.uid = t.uid`,
  'tombstones ahead of their mailbox': `
    SELECT m.owner || ' ' || m.name AS place, max(t.modseq) AS found, m.modseq AS expected
    FROM mail.mailbox m JOIN mail.tombstone t ON t.mailbox = m.id GROUP BY m.id HAVING max(t.modseq) > m.modseq`,
  'messages without content': `
    SELECT r.mailbox || ' ' || r.uid AS place, 0 AS found, 1 AS expected FROM (
      SELECT mailbox, uid, content FROM mail.message UNION ALL SELECT mailbox, uid, content FROM mail.tombstone
    ) r WHERE r.content IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail.content c WHERE c.id = r.content)`,
  'size of a message and of its content': `
    SELECT m.mailbox || ' ' || m.uid AS place, m.size AS found, c.size AS expected
    FROM mail.message m JOIN mail.content c ON c.id = m.content WHERE m.size <> c.size`,
  'signatures of no content': `
    SELECT g.content::text AS place, 1 AS found, 0 AS expected FROM mail.text_signature g
    WHERE NOT EXISTS (SELECT 1 FROM mail.content c WHERE c.id = g.content)`,
  'chunks of a content': `
    SELECT c.id::text AS place, coalesce(k.size, 0) AS found, c.size AS expected FROM mail.content c
    LEFT JOIN (SELECT content, count(*) AS n, sum(octet_length(data)) AS size FROM mail.chunk GROUP BY content) k
      ON k.content = c.id WHERE k.size IS DISTINCT FROM c.size OR k.n IS DISTINCT FROM c.chunks`,
  'hash of a chunk': `
    SELECT content || ' ' || number AS place, encode(sha256(data), 'hex') AS found, encode(hash, 'hex') AS expected
    FROM mail.chunk WHERE sha256(data) <> hash`,
  'hash of a message': `
    SELECT c.id::text AS place, encode(k.hash, 'hex') AS found, encode(c.hash, 'hex') AS expected
    FROM mail.content c CROSS JOIN LATERAL (
      SELECT CASE WHEN c.chunks = 1 THEN min(hash) ELSE sha256(string_agg(data, ''::bytea ORDER BY number)) END AS hash
      FROM mail.chunk WHERE content = c.id) k WHERE k.hash <> c.hash`,
};

/** See `findDifferences`. */
export const verify = (c: Connection, started: (check: Check) => void): Promise<Difference[]> =>
  findDifferences(checks, (text) => rows<DifferentRow>(c, { text }), started);
