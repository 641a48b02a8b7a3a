import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { documentedPages } from './documented-pages.ts';

// Promise: a link between pages leads to a page that is there, and to a heading that is in it.

const root = join(import.meta.dirname, '..');

/** As GitHub makes it from a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (path: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

function dead(path: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const found = file === '' ? join(root, path) : join(root, dirname(path), file);
  if (!existsSync(found)) return true;
  return anchor !== undefined && found.endsWith('.md') && !anchorsIn(found).includes(anchor);
}

test('every link leads somewhere', () => {
  const links = documentedPages().flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => ({ path, target })),
  );
  expect(links.length).toBeGreaterThan(200);
  expect(links.filter(({ path, target }) => dead(path, target))).toEqual([]);
});
