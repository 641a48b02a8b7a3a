import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type Contents, comparableFlags, type Digest, type MailStore, type StoredMessage } from './mail-store.ts';

/** Letters behind `:2,` in a file's name. */
const LETTERS: Readonly<Record<string, string>> = {
  S: '\\seen',
  R: '\\answered',
  F: '\\flagged',
  D: '\\draft',
  P: '$forwarded',
};
/** All that a Maildir can hold. */
export const MAILDIR_FLAGS = Object.values(LETTERS);

type File = StoredMessage & { readonly path: string };

/** A tree of Maildirs, each named by its path below the top, as a program leaves it that is not running. */
export function maildirStore(top: string, digest: Digest): MailStore {
  let delivered = 0;
  const files = async (mailbox: string): Promise<readonly File[]> => {
    const listings = await Promise.all(
      ['new', 'cur'].map(async (part) => {
        const folder = join(top, mailbox, part);
        return (await readdir(folder)).map((name) => join(folder, name));
      }),
    );
    return Promise.all(
      listings.flat().map(async (path) => ({ path, digest: digest(await readFile(path)), flags: flagsOf(path) })),
    );
  };
  const chosen = async (mailbox: string, digests: readonly string[]): Promise<readonly File[]> => {
    const found = (await files(mailbox)).filter((file) => digests.includes(file.digest));
    if (found.length < digests.length)
      throw new Error(`${mailbox}: ${digests.length - found.length} messages are not there`);
    return found;
  };
  const deliver = async (mailbox: string, raw: Buffer, flags: readonly string[]): Promise<void> => {
    for (const part of ['new', 'cur', 'tmp']) await mkdir(join(top, mailbox, part), { recursive: true });
    delivered += 1;
    const name = `${1_770_000_000 + delivered}.${process.pid}_${delivered}.localhost:2,${lettersOf(flags)}`;
    await writeFile(join(top, mailbox, 'cur', name), raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  };
  return {
    async read(): Promise<Contents> {
      const names = await mailboxes(top);
      return new Map(
        await Promise.all(
          names.map(
            async (name) =>
              [name, (await files(name)).map((file) => ({ digest: file.digest, flags: file.flags }))] as const,
          ),
        ),
      );
    },
    async count(mailbox) {
      const listings = await Promise.all(
        ['new', 'cur'].map((part) => readdir(join(top, mailbox, part)).catch(nothingThere)),
      );
      return listings.flat().length;
    },
    async add(mailbox, messages) {
      for (const { raw, flags } of messages) await deliver(mailbox, raw, flags);
    },
    async addFlags(mailbox, digests, flags) {
      for (const file of await chosen(mailbox, digests)) {
        const [unique = ''] = basename(file.path).split(':2,');
        const letters = lettersOf([...file.flags, ...flags]);
        await rename(file.path, join(top, mailbox, 'cur', `${unique}:2,${letters}`));
      }
    },
    async move(digests, from, to) {
      // As mail programs do: another file, for the name may hold what the program that synchronises has noted in it.
      for (const file of await chosen(from, digests)) {
        await deliver(to, await readFile(file.path), file.flags);
        await rm(file.path);
      }
    },
    async remove(mailbox, digests) {
      for (const file of await chosen(mailbox, digests)) await rm(file.path);
    },
  };
}

async function mailboxes(top: string): Promise<readonly string[]> {
  const entries = await readdir(top, { withFileTypes: true, recursive: true });
  return entries.flatMap((entry) =>
    entry.isDirectory() && entry.name === 'cur' ? [relative(top, entry.parentPath)] : [],
  );
}

const flagsOf = (path: string): readonly string[] =>
  comparableFlags([...(basename(path).split(':2,')[1] ?? '')].map((letter) => LETTERS[letter] ?? ''));

function lettersOf(flags: readonly string[]): string {
  const known = comparableFlags(flags);
  return Object.entries(LETTERS)
    .flatMap(([letter, flag]) => (known.includes(flag) ? [letter] : []))
    .sort()
    .join('');
}

function nothingThere(cause: NodeJS.ErrnoException): string[] {
  if (cause.code === 'ENOENT') return [];
  throw cause;
}
