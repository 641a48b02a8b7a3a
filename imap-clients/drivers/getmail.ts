import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunAs } from '#runtime/privileges.ts';
import type { Fetching, MailClient, Place } from '../mail-client.ts';
import { runProgram, startProgram } from '../support/run-program.ts';

export const getmail: MailClient = {
  name: 'getmail',
  what: 'getmail6: fetches into a Maildir what it has not fetched before, and leaves it',
  packages: ['getmail6'],
  probe: ['getmail', '--version'],
  setUp: 'TLS; `read_all = false`, `delete = false`',
  does: { kind: 'fetcher', empties: false, open },
};

/**
 * It looks for the end of the process that delivers a message only after it has started it. On a busy machine that has ended by then at times,
 * and getmail waits for so long and gives up, whatever the server.
 */
const TIMEOUT_SECONDS = 20;

/** It delivers nothing as root. */
const as: RunAs | null = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;

async function open({ folder, account }: Place): Promise<Fetching> {
  const maildir = join(folder, 'Maildir');
  const certificate = join(folder, 'certificate.pem');
  await copyFile(account.certificateFile, certificate);
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(maildir, part), { recursive: true });
  await writeFile(
    join(folder, 'getmailrc'),
    `[retriever]
type = SimpleIMAPSSLRetriever
server = ${account.host}
port = ${account.securePort}
username = ${account.user}
password = ${account.password}
ca_certs = ${certificate}
mailboxes = ("INBOX",)
timeout = ${TIMEOUT_SECONDS}

[destination]
type = Maildir
path = ${maildir}/

[options]
read_all = false
delete = false
verbose = 1
`,
  );
  if (as !== null) await runProgram(['chown', '-R', `${as.uid}:${as.gid}`, folder], { folder });
  const command: [string, ...string[]] = ['getmail', '--getmaildir', folder, '--rcfile', 'getmailrc'];
  return {
    start: () => startProgram(command, { folder, input: '', as }),
    gaveUp: ({ output }) => output.includes('waiting child pid'),
    async delivered() {
      const names = await readdir(join(maildir, 'new'));
      return Promise.all(names.map((name) => readFile(join(maildir, 'new', name))));
    },
  };
}
