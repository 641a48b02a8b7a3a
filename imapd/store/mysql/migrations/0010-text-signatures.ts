import type { Statement } from '../connection.ts';

/**
 * What may be in the text of a message, for SEARCH BODY and TEXT: filters of its header and of its body (imapd/mime/text/signature). A
 * content without a row is read as a whole.
 */
export const textSignatures: readonly Statement[] = [
  {
    name: 'schema-text-signature',
    text: `CREATE TABLE IF NOT EXISTS text_signature (
      content BINARY(16) NOT NULL PRIMARY KEY,
      header MEDIUMBLOB NOT NULL,
      body MEDIUMBLOB NOT NULL
    ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  },
];
