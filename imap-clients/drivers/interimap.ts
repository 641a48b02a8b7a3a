import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account, MailClient, Place, Synchronisation } from '../mail-client.ts';
import { startProgram } from '../support/run-program.ts';

export const interimap: MailClient = {
  name: 'interimap',
  what: 'InterIMAP: two accounts kept the same, by QRESYNC',
  packages: ['interimap'],
  probe: ['interimap', '--version'],
  setUp: 'STARTTLS; both accounts on this server, `list-mailbox = *`',
  does: { kind: 'synchroniser', open },
};

const side = (name: string, account: Account): string => `[${name}]
type = imap
host = ${account.host}
port = ${account.port}
STARTTLS = YES
username = ${account.user}
password = ${account.password}
SSL_CAfile = ${account.certificateFile}
`;

async function open({ folder, account, openSecondAccount }: Place): Promise<Synchronisation> {
  const second = await openSecondAccount();
  const configuration = join(folder, 'interimap.conf');
  const state = join(folder, 'interimap');
  await mkdir(state);
  await writeFile(
    configuration,
    `database = ${join(state, 'mail.db')}\nlist-mailbox = *\n\n${side('local', second.account)}\n${side('remote', account)}`,
  );
  return {
    other: second.store,
    flags: null,
    repeats: true,
    start: () =>
      startProgram(['interimap', `--config=${configuration}`], {
        folder,
        input: '',
        environment: { HOME: folder, XDG_DATA_HOME: folder },
      }),
  };
}
