import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetching, MailClient, Place } from '../mail-client.ts';
import { startProgram } from '../support/run-program.ts';

export const pullimap: MailClient = {
  name: 'pullimap',
  what: 'PullIMAP: fetches and hands on by SMTP',
  packages: ['pullimap'],
  probe: ['pullimap', '--version'],
  setUp: 'STARTTLS; `purge-after = 0`',
  does: { kind: 'fetcher', empties: true, open },
};

async function open({ folder, account, openSmtp }: Place): Promise<Fetching> {
  const smtp = await openSmtp();
  const configuration = join(folder, 'pullimap.conf');
  await mkdir(join(folder, 'pullimap'));
  await writeFile(
    configuration,
    `deliver-method = smtp:[127.0.0.1]:${smtp.port}
deliver-rcpt = somebody

[mail]
type = imap
host = ${account.host}
port = ${account.port}
STARTTLS = YES
username = ${account.user}
password = ${account.password}
SSL_CAfile = ${account.certificateFile}
mailbox = INBOX
statefile = ${join(folder, 'pullimap', 'state')}
purge-after = 0
`,
  );
  return {
    start: () =>
      startProgram(['pullimap', `--config=${configuration}`, 'mail'], {
        folder,
        input: '',
        environment: { HOME: folder, XDG_DATA_HOME: folder },
      }),
    delivered: async () => smtp.received(),
  };
}
