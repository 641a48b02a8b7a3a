import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailClient, Place, Synchronisation } from '../mail-client.ts';
import { deliveredDigest } from '../stores/digests.ts';
import { MAILDIR_FLAGS, maildirStore } from '../stores/maildir-store.ts';
import { startProgram } from '../support/run-program.ts';

export const mbsync: MailClient = {
  name: 'mbsync',
  what: 'isync: a Maildir and an account kept the same',
  packages: ['isync'],
  probe: ['mbsync', '--version'],
  setUp: 'STARTTLS; `Patterns *`, `Create Both`, `Remove Both`, `Expunge Both`, `SubFolders Verbatim`',
  does: { kind: 'synchroniser', open },
};

async function open({ folder, account }: Place): Promise<Synchronisation> {
  const maildir = join(folder, 'Maildir');
  const configuration = join(folder, 'mbsyncrc');
  await mkdir(maildir);
  await mkdir(join(folder, 'state'));
  await writeFile(
    configuration,
    `IMAPStore server
Host ${account.host}
Port ${account.port}
User ${account.user}
Pass ${account.password}
SSLType STARTTLS
SSLVersions TLSv1.3
CertificateFile ${account.certificateFile}
Timeout 60

MaildirStore files
Path ${maildir}/
Inbox ${maildir}/INBOX
SubFolders Verbatim

Channel mail
Far :server:
Near :files:
Patterns *
Create Both
Remove Both
Expunge Both
Sync All
SyncState ${folder}/state/
`,
  );
  return {
    other: maildirStore(maildir, deliveredDigest),
    flags: MAILDIR_FLAGS,
    repeats: false,
    start: () => startProgram(['mbsync', '--config', configuration, '--all', '--verbose'], { folder, input: '' }),
  };
}
