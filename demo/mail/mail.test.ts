import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createMailGenerator } from './generator.ts';
import { projectHistoryAsMail } from './history-of-this-project.ts';
import { readMbox } from './mbox.ts';

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

test('an mbox is cut at its From lines only, quoting undone', () => {
  const mbox =
    'From a Mon Sep 17\nSubject: one\n\nFromage\n>From here\n>>From there\n\nFrom b Mon Sep 17\nSubject: two\n\nx\n';
  const mail = readMbox(Buffer.from(mbox));
  expect(mail.map((m) => m.subject)).toEqual(['one', 'two']);
  expect(mail[0]?.raw.toString()).toBe('Subject: one\r\n\r\nFromage\r\nFrom here\r\n>From there\r\n');
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
