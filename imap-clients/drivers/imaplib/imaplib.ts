import { join } from 'node:path';
import type { MailClient } from '../../mail-client.ts';
import { scriptWorker } from '../../support/script-worker.ts';

export const imaplib: MailClient = {
  name: 'imaplib',
  what: "of Python's standard library",
  packages: ['python3'],
  probe: ['python3', '--version'],
  setUp: 'STARTTLS; MOVE, no other extension',
  does: scriptWorker(['python3', join(import.meta.dirname, 'script.py')]),
};
