import { join } from 'node:path';
import type { MailClient } from '../../mail-client.ts';
import { scriptWorker } from '../../support/script-worker.ts';

const PACKAGE = join(import.meta.dirname, '../../../node_modules/imapflow/package.json');

export const imapflow: MailClient = {
  name: 'imapflow',
  what: 'the IMAP library of Node',
  // One of this project's own packages.
  packages: [],
  probe: [process.execPath, '-p', `require(${JSON.stringify(PACKAGE)}).version`],
  setUp: 'STARTTLS, COMPRESS, `qresync: true`',
  does: scriptWorker([process.execPath, join(import.meta.dirname, 'script.ts')]),
};
