import { createHash } from 'node:crypto';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bundle } from '../bundle.ts';
import { CHECKOUT } from '../checkout.ts';
import type { Image } from '../image-table.ts';
import { run } from '../run.ts';
import { type BilledFile, billOfMaterials } from './bill-of-materials.ts';
import { licences } from './licences.ts';
import { readPackage } from './package.ts';
import { putFile } from './put-file.ts';
import { putFolder } from './put-folder.ts';
import { runtimeLibraries } from './runtime-libraries.ts';

/** The Node that the lockfile pins. */
export const NODE = join(CHECKOUT, 'node_modules/node/bin/node');
const LAUNCHER = join(CHECKOUT, 'images/launcher/launch.c');
/** What a package needs in order to be loaded, of all it ships. */
const LOADED = /^(package\.json|index\.js|.*\.node)$/;

/**
 * Writes what is ours of an image into a folder: programs, packages with a compiled part, Node with the libraries it may not
 * find, the launcher, the licences and the bill of materials. It runs from any place on any glibc.
 */
export async function writeTree(image: Image, folder: string): Promise<void> {
  if (process.platform !== 'linux') throw new Error('images hold programs for Linux, so they are built on Linux');
  await putFolder(folder);
  const bundled = await bundle(image, folder);
  for (const name of Object.keys(image.programs)) await chmod(join(folder, `${name}.mjs`), 0o644);
  for (const name of image.nativePackages) await putPackage(name, folder);
  const files = await putNode(folder);
  const native = image.nativePackages.map((name) => join(CHECKOUT, 'node_modules', name));
  const packages = await Promise.all([...bundled, ...native, join(CHECKOUT, 'node_modules/node')].map(readPackage));
  await putFile(join(folder, 'LICENCES.txt'), { text: await licences(packages) });
  const npm = JSON.parse(
    await run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], { cwd: CHECKOUT }),
  );
  const bill = billOfMaterials({ npm, packages, files });
  await putFile(join(folder, 'sbom.cdx.json'), { text: `${JSON.stringify(bill, null, 2)}\n` });
}

async function putPackage(name: string, folder: string): Promise<void> {
  const source = join(CHECKOUT, 'node_modules', name);
  for (const file of (await readdir(source)).filter((each) => LOADED.test(each))) {
    await putFile(join(folder, 'node_modules', name, file), { from: join(source, file) });
  }
}

/** Node, its libraries, the launcher; returns those that no lockfile pins. */
async function putNode(folder: string): Promise<readonly BilledFile[]> {
  await putFile(join(folder, 'node'), { from: NODE }, { program: true });
  const { brought } = runtimeLibraries(await run('ldd', [NODE]));
  for (const library of brought) await putFile(join(folder, 'lib', basename(library)), { from: library });
  const launcher = join(folder, 'launch');
  await run('gcc', ['-D_GNU_SOURCE', '-static', '-s', '-O2', '-Wall', '-Wextra', '-Werror', '-o', launcher, LAUNCHER]);
  await chmod(launcher, 0o755);
  return await Promise.all(
    ['launch', ...brought.map((library) => `lib/${basename(library)}`)].map(async (path) => {
      const content = await readFile(join(folder, path));
      return { path, sha256: createHash('sha256').update(content).digest('hex') };
    }),
  );
}
