import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

test('what ARCHITECTURE.md names under "Where to find" is there', async () => {
  const [, table = ''] = (await readFile(join(root, 'ARCHITECTURE.md'), 'utf8')).split('## Where to find');
  const named = [...table.matchAll(/`([a-z][\w.-]*\/[\w./-]*)`/g)].map(([, path]) => path ?? '');
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('links between pages of docs lead somewhere', async () => {
  const pages = (await readdir(join(root, 'docs'), { recursive: true })).filter((name) => name.endsWith('.md'));
  const dead: string[] = [];
  for (const page of pages) {
    const text = await readFile(join(root, 'docs', page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      if (!existsSync(join(root, 'docs', dirname(page), target))) dead.push(`${page}: ${target}`);
    }
  }
  expect(dead).toEqual([]);
});

test('what implements a capability is there', () => {
  const gone = Object.values(capabilityNotes).filter(({ where }) => !existsSync(join(root, where)));
  expect(gone).toEqual([]);
});
