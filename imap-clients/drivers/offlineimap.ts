import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailClient, Place, Synchronisation } from '../mail-client.ts';
import { deliveredDigest } from '../stores/digests.ts';
import { MAILDIR_FLAGS, maildirStore } from '../stores/maildir-store.ts';
import { startProgram } from '../support/run-program.ts';

export const offlineimap: MailClient = {
  name: 'offlineimap',
  what: 'OfflineIMAP: a Maildir and an account kept the same',
  packages: ['offlineimap3'],
  probe: ['offlineimap', '--version'],
  setUp:
    'TLS; `sep = /`; `ssl_version = tls1_2`: under TLS 1.3 it waits for ever at times, whatever the server, and for STARTTLS it takes no version',
  does: { kind: 'synchroniser', open },
};

async function open({ folder, account }: Place): Promise<Synchronisation> {
  const maildir = join(folder, 'Maildir');
  const configuration = join(folder, 'offlineimaprc');
  await mkdir(maildir);
  await writeFile(
    configuration,
    `[general]
accounts = mail
metadata = ${join(folder, 'state')}
socktimeout = 60

[Account mail]
localrepository = files
remoterepository = server

[Repository files]
type = Maildir
localfolders = ${maildir}
sep = /

[Repository server]
type = IMAP
remotehost = ${account.host}
remoteport = ${account.securePort}
remoteuser = ${account.user}
remotepass = ${account.password}
ssl = yes
; Its imaplib2 reads and writes one TLS connection from two threads without a lock. A ticket that comes behind a handshake of TLS 1.3
; makes both wait, one connection in fifty. For STARTTLS it takes no version.
ssl_version = tls1_2
starttls = no
sslcacertfile = ${account.certificateFile}
`,
  );
  return {
    other: maildirStore(maildir, deliveredDigest),
    // It knows no $Forwarded.
    flags: MAILDIR_FLAGS.filter((flag) => flag !== '$forwarded'),
    repeats: false,
    start: () => startProgram(['offlineimap', '-o', '-1', '-u', 'basic', '-c', configuration], { folder, input: '' }),
  };
}
