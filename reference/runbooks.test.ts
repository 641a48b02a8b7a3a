import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codes } from '#runtime/error-codes.ts';
import { capabilityNotes } from './capability-notes.ts';
import { codesWithRunbook } from './codes-page.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs/runbooks');

test('every warning and error has a runbook, and every runbook a code', async () => {
  const pages = (await readdir(folder)).filter((name) => name !== 'README.md');
  expect(pages.toSorted()).toEqual(
    codesWithRunbook()
      .map((code) => `${code}.md`)
      .toSorted(),
  );
});

test.each(codesWithRunbook())('%s says what happened, how to see it and what to do', async (code) => {
  const text = await readFile(join(folder, `${code}.md`), 'utf8');
  expect(text.startsWith(`# ${code}\n`)).toBe(true);
  expect(text).toContain(codes[code].what);
  for (const heading of ['## How to see it', '## What happens by itself', '## What to do'])
    expect(text).toContain(heading);
});

test('the list of runbooks names each of them', async () => {
  const list = await readFile(join(folder, 'README.md'), 'utf8');
  for (const code of codesWithRunbook()) expect(list).toContain(`(${code}.md)`);
});

test('what implements a capability is there', () => {
  const gone = Object.values(capabilityNotes).filter(({ where }) => !existsSync(join(root, where)));
  expect(gone).toEqual([]);
});
