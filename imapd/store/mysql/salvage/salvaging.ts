import type { SalvageStatements } from '../../salvage/salvage-statements.ts';
import type { Connection } from '../connection.ts';
import { annotationStatements } from './annotation-statements.ts';
import { contentStatements } from './content-statements.ts';
import { flagStatements } from './flag-statements.ts';
import { mailboxStatements } from './mailbox-statements.ts';
import { messageStatements } from './message-statements.ts';
import { nameStatements } from './name-statements.ts';
import { operationStatements } from './operation-statements.ts';

/** What MariaDB and MySQL do for `salvage`. */
export const salvaging: SalvageStatements<Connection> = {
  operations: operationStatements,
  names: nameStatements,
  mailboxes: mailboxStatements,
  messages: messageStatements,
  contents: contentStatements,
  flags: flagStatements,
  annotations: annotationStatements,
};
