/** The groups of a user, which access control lists may name. They are names and no more: there is no table of groups. */
export const groups = `
ALTER TABLE mail.account ADD COLUMN groups text[] NOT NULL DEFAULT '{}';
`;
