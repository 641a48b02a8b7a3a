import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { driftOf } from '#crds/drift.ts';
import { crdFiles, type GeneratedFile } from '#crds/generated-files.ts';
import { capabilitiesPage } from './capabilities-page.ts';
import { codesPage } from './codes-page.ts';
import { configurationPage } from './configuration-page.ts';
import { metricsPage } from './metrics-page.ts';

/**
 * `npm run generate` writes crds/generated and docs/reference from the sources; `npm run generate -- --check` writes
 * nothing and fails, showing the difference, where a committed file is not what would be written.
 */
const root = join(import.meta.dirname, '..');

async function generated(): Promise<readonly GeneratedFile[]> {
  return [
    ...crdFiles(),
    { path: 'docs/reference/capabilities.md', text: capabilitiesPage() },
    { path: 'docs/reference/configuration.md', text: await configurationPage() },
    { path: 'docs/reference/metrics.md', text: metricsPage() },
    { path: 'docs/reference/codes.md', text: codesPage() },
  ];
}

async function check(files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, text } of files) {
    const committed = await readFile(join(root, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return '';
      throw cause;
    });
    const drift = driftOf(path, { committed, generated: text });
    if (drift === null) continue;
    process.stderr.write(`${drift}\n`);
    process.exitCode = 1;
  }
  if (process.exitCode === 1) process.stderr.write('Run `npm run generate` and commit what it writes.\n');
}

async function write(files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const files = await generated();
await (values.check ? check(files) : write(files));
