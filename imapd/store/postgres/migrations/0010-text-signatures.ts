/**
 * What may be in the text of a message, for SEARCH BODY and TEXT: filters of its header and of its body (imapd/mime/text/signature). A
 * content without a row is read as a whole. They are as good as random: to compress them would be for nothing.
 */
export const textSignatures = `
CREATE TABLE mail.text_signature (
  content uuid PRIMARY KEY,
  header bytea NOT NULL,
  body bytea NOT NULL
);
ALTER TABLE mail.text_signature ALTER COLUMN header SET STORAGE EXTERNAL, ALTER COLUMN body SET STORAGE EXTERNAL;
`;
