import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { driftOf } from '#crds/generation/drift.ts';
import { crdFiles, type GeneratedFile } from '#crds/generation/generated-files.ts';
import { capabilitiesPage } from './capabilities-page.ts';
import { chartFiles } from './chart/chart-files.ts';
import { clientsPage } from './clients-page.ts';
import { codesPage } from './codes-page.ts';
import { conditionsPage } from './conditions-page.ts';
import { configurationPage } from './configuration-page.ts';
import { metricsPage } from './metrics-page.ts';
import { peersPage } from './peers/peers-page.ts';
import { standalonePage } from './standalone-page.ts';

/**
 * `npm run generate` writes crds/generated, docs/reference and parts of charts/imapcluster from the sources;
 * `npm run generate -- --check` writes nothing and fails, showing the difference, where a committed file is not what would
 * be written.
 */
const root = join(import.meta.dirname, '..');

async function generated(): Promise<readonly GeneratedFile[]> {
  return [
    ...crdFiles(),
    ...chartFiles(),
    { path: 'docs/reference/capabilities.md', text: capabilitiesPage() },
    { path: 'docs/reference/peers.md', text: peersPage() },
    { path: 'docs/reference/configuration.md', text: await configurationPage() },
    { path: 'docs/reference/metrics.md', text: metricsPage() },
    { path: 'docs/reference/standalone.md', text: standalonePage() },
    { path: 'docs/reference/codes.md', text: codesPage() },
    { path: 'docs/reference/conditions.md', text: conditionsPage() },
    { path: 'docs/reference/clients.md', text: clientsPage() },
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

const program = new Command('generate')
  .description('Write crds/generated, docs/reference and parts of charts/imapcluster from the sources.')
  .option('--check', 'write nothing; fail, showing the difference, where a committed file is out of date')
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const files = await generated();
await (program.opts<{ readonly check?: boolean }>().check === true ? check(files) : write(files));
