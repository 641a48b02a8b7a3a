/**
 * Columns of `MailboxRow`, from a mailbox row named `m`. The jump of unplanned promotions since the row's last write is
 * not added here: `pending` carries it and `mailboxState` adds it, so that a listing needs no arithmetic a row.
 */
export const mailboxColumns = `
  m.id, m.owner, m.name, m.uid_validity::float8, m.uid_next::float8, m.modseq::float8, m.recent_from::float8,
  m.messages::float8, m.unseen::float8, m.deleted::float8, m.size::float8, m.keywords, m.special_use,
  m.expunges_known_from::float8,
  CASE WHEN m.recent_from >= m.uid_next THEN 0
    ELSE (SELECT count(*) FROM mail.message r WHERE r.mailbox = m.id AND r.uid >= m.recent_from) END::float8 AS recent,
  (SELECT json_agg(json_build_object('modSeq', f.modseq, 'gap', f.gap) ORDER BY f.epoch)
    FROM mail.fork f WHERE f.mailbox = m.id) AS forks,
  (SELECT json_agg(e.uid_gap ORDER BY e.epoch)
    FROM imapcluster.repository_epoch e WHERE e.epoch > m.epoch AND e.uid_gap > 0) AS pending`;
