import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Promise: every import against an arrow of ARCHITECTURE.md is refused by the linter, from however deep in a room and
// however it is written; those along an arrow are not.

/** What each room may import, as in ARCHITECTURE.md. */
const BELOW_STANDALONE = ['contract', 'crds', 'runtime', 'database', 'operator', 'member', 'imapd'];
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  crds: ['contract'],
  runtime: ['contract'],
  database: ['contract', 'runtime'],
  operator: ['contract', 'crds', 'runtime', 'database'],
  member: ['contract', 'runtime', 'database'],
  imapd: ['contract', 'runtime', 'database'],
  standalone: BELOW_STANDALONE,
  cli: ['contract', 'crds', 'runtime'],
  images: [...BELOW_STANDALONE, 'standalone'],
  demo: [...BELOW_STANDALONE, 'standalone', 'cli', 'images'],
  bench: [...BELOW_STANDALONE, 'standalone', 'cli', 'images', 'demo'],
  e2e: [...BELOW_STANDALONE, 'standalone', 'cli', 'images', 'demo'],
  'imap-clients': [...BELOW_STANDALONE, 'standalone', 'cli', 'images', 'demo'],
};
const ROOMS = [...Object.keys(ARROWS), 'charts', 'reference'];
const ROOT = join(import.meta.dirname, '..');
const DEPTHS = [0, 1, 2, 3, 4, 5, 6];

let folder: string;
/** Files in which the linter has found a restricted import. */
let refused: ReadonlySet<string>;

type Import = { readonly room: string; readonly of: string; readonly specifier: string; readonly file: string };

/** One file an import: by alias, and relative from every depth. */
const imports: readonly Import[] = Object.keys(ARROWS).flatMap((room) =>
  ROOMS.filter((other) => other !== room).flatMap((of) => [
    { room, of, specifier: `#${of}/some-thing.ts`, file: `${room}/${of}-by-alias.ts` },
    ...DEPTHS.map((depth) => ({
      room,
      of,
      specifier: `${'../'.repeat(depth + 1)}${of}/some-thing.ts`,
      file: `${room}/${'deeper/'.repeat(depth)}${of}-at-${depth}.ts`,
    })),
  ]),
);
const PURITY = [
  { file: 'contract/reads.ts', specifier: 'node:fs' },
  { file: 'contract/waits.ts', specifier: 'node:timers/promises' },
  { file: 'contract/hashes.ts', specifier: 'node:crypto' },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arrows-'));
  await cp(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  for (const { file, specifier } of [...imports, ...PURITY]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `import { thing } from '${specifier}';\n\nexport const same = thing;\n`);
  }
  refused = await restricted();
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

async function restricted(): Promise<ReadonlySet<string>> {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const report = ['--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false'];
  const only = ['lint', '--only=style/noRestrictedImports', ...report, '.'];
  const options = { cwd: folder, maxBuffer: 1024 ** 3 };
  const failed: unknown = await promisify(execFile)(process.execPath, [biome, ...only], options).catch(
    (error: unknown) => error,
  );
  const { stdout } = failed as { readonly stdout: string };
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] };
  return new Set(diagnostics.map(({ location }) => pathOf(location)));
}

type Location = { readonly path: string | { readonly file: string } };
type Diagnostic = { readonly location: Location };
const pathOf = ({ path }: Location): string => (typeof path === 'string' ? path : path.file);

test.each(Object.entries(ARROWS))('what %s may import', (room, allowed) => {
  const ofRoom = imports.filter((found) => found.room === room);
  const wrong = ofRoom.filter(({ of, file }) => refused.has(file) === allowed.includes(of));
  expect(wrong.map(({ file, specifier }) => `${file}: ${specifier}`)).toEqual([]);
});

test('contract/ does no input or output', () => {
  expect(PURITY.map(({ file }) => refused.has(file))).toEqual([true, true, false]);
});
