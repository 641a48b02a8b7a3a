import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, type MailClient, mustHaveEndedWell, type Place, type Working } from '../mail-client.ts';
import { MANY } from '../rounds/many.ts';
import { deliveredDigest } from '../stores/digests.ts';
import { asLines } from '../stores/mail-store.ts';
import { MAILDIR_FLAGS, maildirStore } from '../stores/maildir-store.ts';
import { startProgram } from '../support/run-program.ts';

export const neomutt: MailClient = {
  name: 'neomutt',
  what: 'a mail program for terminals, in a terminal that nobody sees',
  packages: ['neomutt'],
  probe: ['neomutt', '-v'],
  setUp: '`ssl_starttls`, `ssl_force_tls`, `imap_condstore`, `imap_qresync`, `header_cache`',
  does: { kind: 'worker', digest: deliveredDigest, flags: MAILDIR_FLAGS, marksSeen: false, open },
};

const tagged = (step: number, at: number): string => {
  const numbers = Array.from({ length: MANY }, (_, n) => n + 1).filter((n) => n % step === at);
  return `<tag-pattern>${numbers.map((n) => `~m ${n}-${n}`).join('|')}<enter>`;
};
const UNTAG = '<untag-pattern>~A<enter>';
const go = (mailbox: string): string => `<change-folder>${mailbox}<enter>`;
const copyAll = (to: string): string => `<tag-pattern>~A<enter><tag-prefix><copy-message>${to}<enter>${UNTAG}`;

async function open({ folder, account }: Place, outbox: string): Promise<Working> {
  const unsent = join(folder, 'unsent');
  await fillMaildir(unsent, outbox);
  await writeFile(join(folder, 'muttrc'), configuration(folder, account));
  const known = maildirStore(join(folder, 'known'), deliveredDigest);
  await mkdir(join(folder, 'known/Archive'), { recursive: true });
  return {
    async begin() {
      await mutt(folder, [
        go(unsent),
        copyAll('+Sent'),
        go('+INBOX'),
        copyAll(join(folder, 'read')),
        `${tagged(10, 0)}<tag-prefix><set-flag>!${UNTAG}`,
        `${tagged(50, 7)}<tag-prefix><save-message>+Archive/2026<enter>${UNTAG}`,
        `${tagged(50, 3)}<tag-prefix><delete-message>${UNTAG}`,
        '<sync-mailbox>',
      ]);
    },
    async goOn() {
      const all = ['INBOX', 'Sent', 'Archive/2026'];
      await mutt(
        folder,
        all.flatMap((name) => [go(`+${name}`), copyAll(join(folder, 'known', name))]),
      );
      return asLines(await known.read());
    },
  };
}

const configuration = (folder: string, { host, port, user, password, certificateFile }: Account): string => `
set folder = "imap://${user}@${host}:${port}/"
set spoolfile = "+INBOX"
set imap_pass = "${password}"
set ssl_starttls = yes
set ssl_force_tls = yes
set ssl_ca_certificates_file = "${certificateFile}"
set certificate_file = "${certificateFile}"
set imap_condstore = yes
set imap_qresync = yes
set header_cache = "${join(folder, 'headers')}"
set mbox_type = Maildir
set sort = mailbox-order
set auto_tag = no
set confirmappend = no
set confirmcreate = no
set delete = yes
set mark_old = no
set move = no
set quit = yes
set resolve = no
set wait_key = no
`;

/** Types the keys, and quits. */
async function mutt(folder: string, keys: readonly string[]): Promise<void> {
  const file = join(folder, 'keys');
  await writeFile(file, `push "${keys.join('')}<quit>"\n`);
  const command = `neomutt -n -F ${join(folder, 'muttrc')} -e "source ${file}"`;
  const run = startProgram(['script', '--quiet', '--return', '--command', command, '/dev/null'], {
    folder,
    environment: { TERM: 'xterm', HOME: folder, COLUMNS: '100', LINES: '40' },
  });
  mustHaveEndedWell('neomutt', await run.ended);
}

async function fillMaildir(path: string, from: string): Promise<void> {
  for (const part of ['new', 'cur', 'tmp']) await mkdir(join(path, part), { recursive: true });
  const messages = await Promise.all(
    (await readdir(from)).sort().map(async (name) => ({ raw: await readFile(join(from, name)), flags: ['\\Seen'] })),
  );
  await maildirStore(path, deliveredDigest).add('', messages);
}
