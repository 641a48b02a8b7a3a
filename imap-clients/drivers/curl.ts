import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account, MailClient, Place, Working } from '../mail-client.ts';
import { exactDigest } from '../stores/digests.ts';
import { asLines, type Contents, type StoredMessage } from '../stores/mail-store.ts';
import { runProgram } from '../support/run-program.ts';

export const curl: MailClient = {
  name: 'curl',
  what: 'a request, or thousands, on a command line',
  packages: ['curl'],
  probe: ['curl', '--version'],
  setUp: '`--ssl-reqd`; a URL for each message, `--request` for the rest. It marks what it reads as seen',
  does: { kind: 'worker', digest: exactDigest, flags: null, marksSeen: true, open },
};

const MAILBOXES = ['INBOX', 'Sent', 'Archive/2026'];
/** Messages that one request changes. */
const AT_ONCE = 40;
/** In the order in which they are told. */
const FLAGS = ['\\answered', '\\deleted', '\\draft', '\\flagged', '\\seen', 'work'];

async function open({ folder, account }: Place, outbox: string): Promise<Working> {
  const requests = new Requests(folder, account);
  const known = new Map<string, ReadonlyMap<number, StoredMessage>>();
  const update = async (mailbox: string): Promise<readonly number[]> => {
    const next = await requests.update(mailbox, known.get(mailbox) ?? new Map());
    known.set(mailbox, next);
    return [...next.keys()].sort((one, other) => one - other);
  };
  return {
    async begin() {
      await requests.ask('', 'CREATE "Archive/2026"');
      for (const name of (await readdir(outbox)).sort()) await requests.upload('Sent', join(outbox, name));
      await update('Sent');
      const inbox = await update('INBOX');
      const every = (step: number, at: number): readonly number[] => inbox.filter((_, n) => (n + 1) % step === at);
      await requests.askOf('INBOX', every(10, 0), (uids) => `UID STORE ${uids} +FLAGS (\\Flagged)`);
      await requests.askOf('INBOX', every(10, 1), (uids) => `UID STORE ${uids} +FLAGS (Work)`);
      await requests.askOf('INBOX', every(50, 7), (uids) => `UID MOVE ${uids} "Archive/2026"`);
      await requests.askOf('INBOX', every(50, 3), (uids) => `UID STORE ${uids} +FLAGS (\\Deleted)`);
      await requests.ask('INBOX', 'EXPUNGE');
    },
    async goOn() {
      for (const mailbox of MAILBOXES) await update(mailbox);
      const contents: Contents = new Map([...known].map(([mailbox, messages]) => [mailbox, [...messages.values()]]));
      return asLines(contents);
    },
  };
}

class Requests {
  readonly #folder: string;
  readonly #account: Account;
  #batches = 0;

  constructor(folder: string, account: Account) {
    this.#folder = folder;
    this.#account = account;
  }

  ask(mailbox: string, request: string): Promise<string> {
    return this.#curl(['--request', request, this.#url(mailbox)]);
  }

  /** So many messages a request that its answers are few: curl takes no more than 300 KiB of them. */
  async askOf(mailbox: string, uids: readonly number[], request: (uids: string) => string): Promise<void> {
    for (let from = 0; from < uids.length; from += AT_ONCE) {
      await this.ask(mailbox, request(uids.slice(from, from + AT_ONCE).join(',')));
    }
  }

  async upload(mailbox: string, file: string): Promise<void> {
    // As seen: that is what curl appends messages with.
    await this.#curl(['--upload-file', file, this.#url(mailbox)]);
  }

  async update(
    mailbox: string,
    before: ReadonlyMap<number, StoredMessage>,
  ): Promise<ReadonlyMap<number, StoredMessage>> {
    const uids = await this.#search(mailbox, 'ALL');
    const digests = await this.#download(
      mailbox,
      uids.filter((uid) => !before.has(uid)),
    );
    // After that, for reading has changed them.
    const flags = await this.#flags(mailbox);
    return new Map(
      uids.map((uid) => {
        const digest = digests.get(uid) ?? before.get(uid)?.digest ?? '';
        return [uid, { digest, flags: FLAGS.filter((flag) => flags.get(flag)?.includes(uid) === true) }];
      }),
    );
  }

  /** By searching: curl counts responses several times over. */
  async #flags(mailbox: string): Promise<ReadonlyMap<string, readonly number[]>> {
    const found = new Map<string, readonly number[]>();
    for (const flag of FLAGS) {
      const key = flag.startsWith('\\') ? flag.slice(1) : `KEYWORD ${flag}`;
      found.set(flag, await this.#search(mailbox, key));
    }
    return found;
  }

  async #search(mailbox: string, key: string): Promise<readonly number[]> {
    const found = /^\* SEARCH(.*)$/m.exec(await this.ask(mailbox, `UID SEARCH ${key}`))?.[1] ?? '';
    return found.trim().split(' ').filter(Boolean).map(Number);
  }

  /** Digests by UID; one connection for all of them. */
  async #download(mailbox: string, uids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    if (uids.length === 0) return new Map();
    this.#batches += 1;
    const into = join(this.#folder, `batch-${this.#batches}`);
    await mkdir(into);
    const files = uids.map((uid) => [uid, join(into, String(uid))] as const);
    const wanted = files.map(([uid, file]) => `url = "${this.#url(mailbox)};UID=${uid}"\noutput = "${file}"\n`);
    await this.#curl(['--config', '-'], wanted.join(''));
    const digests = files.map(async ([uid, file]) => [uid, exactDigest(await readFile(file))] as const);
    return new Map(await Promise.all(digests));
  }

  #curl(words: readonly string[], input = ''): Promise<string> {
    const { certificateFile, user, password } = this.#account;
    const all = [
      '--silent',
      '--show-error',
      '--fail',
      '--ssl-reqd',
      '--cacert',
      certificateFile,
      '--user',
      `${user}:${password}`,
    ];
    return runProgram(['curl', ...all, ...words], { folder: this.#folder, input });
  }

  #url(mailbox: string): string {
    return `imap://${this.#account.host}:${this.#account.port}/${mailbox}`;
  }
}
