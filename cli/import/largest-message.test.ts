import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emlSource } from './eml-source.ts';
import { LARGEST_MESSAGE } from './largest-message.ts';
import { maildirSource } from './maildir-source.ts';
import { mboxSource } from './mbox-source.ts';
import type { MessageSource } from './source-message.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'largest-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A message and one that is too large, which takes no room on the disk: it is all hole. */
async function twoFiles(at: string, head = ''): Promise<readonly string[]> {
  const files = ['1.small', '2.large'].map((name) => join(at, name)) as [string, string];
  for (const file of files) await writeFile(file, `${head}Subject: x\n\nbody\n\n`);
  await truncate(files[1], LARGEST_MESSAGE + 100);
  return files;
}

async function told({ items }: MessageSource): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const item of items(new AbortController().signal)) {
    all.push(item.kind === 'broken' ? item.reason : item.kind);
  }
  return all;
}
const expected = ['message', 'larger than 128 MiB'];

test('single files', async () => {
  expect(await told(await emlSource(await twoFiles(folder), 'INBOX'))).toEqual(expected);
});

test('a Maildir', async () => {
  await mkdir(join(folder, 'cur'));
  await twoFiles(join(folder, 'cur'));
  expect(await told(await maildirSource(folder, null))).toEqual(expected);
});

test('an mbox', async () => {
  const [small = '', large = ''] = await twoFiles(folder, 'From a@b Mon Jan  5 10:00:00 2026\n');
  expect(await told(await mboxSource(small, 'INBOX'))).toEqual(['message']);
  expect(await told(await mboxSource(large, 'INBOX'))).toEqual(['larger than 128 MiB']);
});
