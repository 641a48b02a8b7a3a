/**
 * When a message came into its mailbox (SAVEDATE, RFC 8514). The first default is a constant, which PostgreSQL keeps beside
 * the table without writing a single row: messages that were there before count as saved at this moment, and stay so.
 */
export const saveDate = `
ALTER TABLE mail.message ADD COLUMN saved_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE mail.message ALTER COLUMN saved_at SET DEFAULT clock_timestamp();
-- null for what was expunged before.
ALTER TABLE mail.tombstone ADD COLUMN saved_at timestamptz;
`;
