/**
 * Keys for SCRAM-SHA-256 beside the hash of a password. An imapd of before sets `password_hash` alone: the keys hold only
 * while `scram_of` is still that hash. Accounts of before get theirs when their users next sign in with the password.
 */
export const scramKeys = `
ALTER TABLE mail.account ADD COLUMN scram_keys text, ADD COLUMN scram_of text;
`;
