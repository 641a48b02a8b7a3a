import { join } from 'node:path';
import type { MailClient } from '../../mail-client.ts';
import { scriptWorker } from '../../support/script-worker.ts';

export const mailImapClient: MailClient = {
  name: 'Mail-IMAPClient',
  what: "Perl's Mail::IMAPClient",
  packages: ['libmail-imapclient-perl', 'libio-socket-ssl-perl'],
  probe: ['perl', '-MMail::IMAPClient', '-MIO::Socket::SSL', '-e', 'print Mail::IMAPClient->VERSION'],
  setUp: 'STARTTLS; every message by a FETCH of its own',
  does: scriptWorker(['perl', join(import.meta.dirname, 'script.pl')]),
};
