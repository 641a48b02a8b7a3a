import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { CliError } from '../cli-error.ts';
import { LARGEST_MESSAGE, tooLarge } from './largest-message.ts';
import { withCrlf } from './message-bytes.ts';
import type { MessageSource, SourceItem } from './source-message.ts';

const FLAGS: Readonly<Record<string, string>> = {
  S: '\\Seen',
  R: '\\Answered',
  F: '\\Flagged',
  D: '\\Draft',
  T: '\\Deleted',
  P: '$Forwarded',
};

type Found = { readonly path: string; readonly mailbox: string; readonly size: number; readonly modified: Date };

/**
 * The messages of a Maildir, and of its folders (Maildir++: `.Sent.2024` becomes `Sent/2024`). Flags are in the file
 * names; the time of delivery is the file's.
 */
export async function maildirSource(folder: string, mailbox: string | null): Promise<MessageSource> {
  const folders = [
    { path: folder, mailbox: mailbox ?? 'INBOX' },
    ...(mailbox === null ? await subfolders(folder) : []),
  ];
  const lists: (readonly Found[])[] = [];
  for (const { path, mailbox: name } of folders) lists.push(await messagesIn(path, name));
  const found = lists.flat();
  async function* items(signal: AbortSignal): AsyncGenerator<SourceItem> {
    for (const { path, mailbox: name, size, modified } of found) {
      if (signal.aborted) return;
      const place = relative(folder, path);
      if (size > LARGEST_MESSAGE) {
        yield tooLarge(place, size);
        continue;
      }
      const text = await readFile(path);
      if (text.length === 0) yield { kind: 'broken', place, reason: 'an empty file', sourceBytes: size };
      else {
        const shared = { place, mailbox: name, sourceBytes: size, internalDate: modified };
        yield { kind: 'message', ...shared, bytes: withCrlf(text), flags: flagsOf(path) };
      }
    }
  }
  return { totalBytes: found.reduce((sum, { size }) => sum + size, 0), items };
}

/** IMAP flags of a Maildir file name (`:2,FRS`); letters that we do not know are passed over. */
export function flagsOf(path: string): readonly string[] {
  const letters = /:2,([A-Za-z]*)$/.exec(path)?.[1] ?? '';
  return [...letters].flatMap((letter) => FLAGS[letter] ?? []);
}

async function subfolders(folder: string): Promise<readonly { readonly path: string; readonly mailbox: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\.[^.]/.test(entry.name))
    .map(({ name }) => ({ path: join(folder, name), mailbox: name.slice(1).replaceAll('.', '/') }))
    .sort((a, b) => a.mailbox.localeCompare(b.mailbox));
}

async function messagesIn(folder: string, mailbox: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  let readable = 0;
  for (const part of ['cur', 'new']) {
    const names = await readdir(join(folder, part)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return null;
      throw cause;
    });
    if (names !== null) readable += 1;
    for (const name of (names ?? []).filter((entry) => !entry.startsWith('.'))) {
      const path = join(folder, part, name);
      const entry = await stat(path);
      if (entry.isFile()) found.push({ path, mailbox, size: entry.size, modified: entry.mtime });
    }
  }
  if (readable === 0) throw new CliError(`${folder} is not a Maildir: it has neither cur nor new`);
  return found.sort((a, b) => a.modified.getTime() - b.modified.getTime() || (a.path < b.path ? -1 : 1));
}
