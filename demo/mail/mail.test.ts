import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMailGenerator } from './generator.ts';
import { projectHistoryAsMail } from './history-of-this-project.ts';
import { openMailSource } from './mail-source.ts';
import { readOwnMail } from './own-mail.ts';

test('the same seed gives the same mail, and no two messages are alike', () => {
  const first = createMailGenerator(7);
  const second = createMailGenerator(7);
  const mail = Array.from({ length: 50 }, () => first());
  expect(mail.map((m) => m.hash)).toEqual(Array.from({ length: 50 }, () => second().hash));
  expect(new Set(mail.map((m) => m.hash)).size).toBe(50);
});

test('every line ends with CRLF, and every kind of mail occurs', () => {
  const generate = createMailGenerator(1);
  for (const kind of ['plain', 'eightBit', 'alternative', 'attachment'] as const) {
    const text = generate(kind).raw.toString('latin1');
    expect(text).not.toMatch(/[^\r]\n/);
    expect(text).toContain('\r\n\r\n');
  }
});

describe("one's own mbox", () => {
  const { signal } = new AbortController();
  const bounds = { messages: 3, bytes: 1000, read: 10_000 };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imapcluster-own-mail-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function mboxOf(...entries: readonly string[]): Promise<string> {
    const file = join(folder, `${entries.length}.mbox`);
    await writeFile(file, entries.map((entry) => `From a@example.org Mon Sep 17 00:00:00 2001\n${entry}\n`).join(''));
    return file;
  }

  test('keeps lines of text that begin with "From "', async () => {
    const text = 'Subject: one\n\nFromage\n>From here\n\nFrom there, and not a new message\n';
    const { mail } = await readOwnMail(await mboxOf(text, 'Subject: two\n\nx\n'), bounds, signal);
    expect(mail.map((m) => m.raw.toString())).toEqual([
      'Subject: one\r\n\r\nFromage\r\nFrom here\r\n\r\nFrom there, and not a new message\r\n',
      'Subject: two\r\n\r\nx\r\n',
    ]);
  });

  test('tells how many there are beside those it takes', async () => {
    const message = (n: number): string => `Subject: ${n}\n\nx\n`;
    const file = await mboxOf(message(1), message(1), message(2), 'no header\n', message(3), message(4));
    expect(await readOwnMail(file, bounds, signal)).toMatchObject({ found: 5, broken: 1, readWhole: true });
    expect((await readOwnMail(file, bounds, signal)).mail).toHaveLength(3);
    expect((await readOwnMail(file, { ...bounds, bytes: 40 }, signal)).mail).toHaveLength(2);
    expect(await readOwnMail(file, { ...bounds, read: 100 }, signal)).toMatchObject({ found: 2, readWhole: false });
    const source = await openMailSource({ mbox: file, seed: 1, signal });
    expect(source.origin).toBe(`4 of 5 messages of ${file} (1 entry is no message) and 116 generated ones`);
    expect(source.initial).toHaveLength(120);
  });

  test.each(['nowhere.mbox', '.', 'empty.mbox'])('%s: one line, not a stack', async (name) => {
    await writeFile(join(folder, 'empty.mbox'), '\n');
    const opened = openMailSource({ mbox: join(folder, name), seed: 1, signal });
    await expect(opened).rejects.toThrow(/^[^\n]+$/);
  });
});

test('the same seed gives the same mail to each session, whatever the others do; another seed other mail', async () => {
  const sourceOf = (seed: number) => openMailSource({ seed, signal: new AbortController().signal });
  const [one, again, other] = await Promise.all([sourceOf(7), sourceOf(7), sourceOf(8)]);
  expect(again.initial.map((m) => m.hash)).toEqual(one.initial.map((m) => m.hash));
  const hashes = (next: () => { hash: string }): readonly string[] => Array.from({ length: 5 }, () => next().hash);
  hashes(again.mailOf('write 1'));
  const written = hashes(one.mailOf('write 0'));
  expect(hashes(again.mailOf('write 0'))).toEqual(written);
  for (const next of [one.mailOf('write 1'), other.mailOf('write 0')])
    expect(new Set(hashes(next)).isDisjointFrom(new Set(written))).toBe(true);
});

test('the history of this project becomes mail, one message a commit, where git and history exist', async () => {
  const log = promisify(execFile)('git', ['rev-list', '--no-merges', '-20', 'HEAD'], { cwd: import.meta.dirname });
  const commits = await log.then(
    ({ stdout }) => stdout.trim().split('\n').length,
    () => 0,
  );
  const mail = await projectHistoryAsMail(import.meta.dirname, 20);
  expect(mail).toHaveLength(commits);
});

test('without git history there is none, and no error', async () => {
  expect(await projectHistoryAsMail('/', 5)).toEqual([]);
});
