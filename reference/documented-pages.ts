import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page of Markdown, its path from the top of the repository. */
export type Page = { readonly path: string; readonly text: string };

const root = join(import.meta.dirname, '..');
const OUTSIDE_DOCS = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'charts/imapcluster/README.md'];

/**
 * Every page that people read: docs/, and what stands beside the code. Not the changelog, which tells of what was, nor designs, which tell
 * of what will be.
 */
export function documentedPages(): readonly Page[] {
  const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const inDocs = names
    .filter((name) => name.endsWith('.md') && !name.startsWith('design/'))
    .map((name) => `docs/${name}`);
  return [...OUTSIDE_DOCS, ...inDocs].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
