import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { CHECKOUT } from './checkout.ts';
import type { Image } from './image-table.ts';

/** What `pg` would use if somebody installed it, and tells apart by itself. */
const OPTIONAL = ['pg-native'];
/** The folder of the package that a module belongs to: the innermost one. */
const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * A class for each kind of Kubernetes and a client for each API: 13 MiB of a process's memory, of which nobody uses more than the
 * part that reads kubeconfigs. Its modules do nothing when they are loaded but define what they export.
 */
const MERE_DEFINITIONS = /\/node_modules\/@kubernetes\/client-node\//;

const HOW = {
  // Comments in a bundle name its sources relative to here: no path of this machine goes in.
  cwd: CHECKOUT,
  platform: 'node',
  onLog: refuse,
  treeshake: { moduleSideEffects: (id: string) => !MERE_DEFINITIONS.test(id) },
} as const;

const BEYOND_ASCII = /[^\0-\x7f]/g;

/**
 * The same program. One character beyond Latin-1, in a comment say, makes V8 keep the whole text with two bytes for each: 4.6 MiB
 * more in each operator and agent. What it is written as instead means the same in a string, a pattern and a name.
 */
const inAscii = (code: string): string =>
  code.replace(BEYOND_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(HEX).padStart(DIGITS, '0')}`);
const [HEX, DIGITS] = [16, 4];

/**
 * Makes one file of each program of an image, `NAME.mjs`, with all it imports but Node's own modules and packages with a
 * compiled part. Not minified: names and lines in a stack are those of the sources. Nothing is looked up by file name at run time:
 * the log is written by this process (`runtime/logger.ts`), so that pino's workers, which would be, are never started.
 *
 * @returns folders of the packages that went in, in order
 */
export async function bundle({ programs, nativePackages }: Image, folder: string): Promise<readonly string[]> {
  const packages = new Set<string>();
  for (const [name, input] of Object.entries(programs)) {
    const external = [...nativePackages, ...OPTIONAL];
    await using build = await rolldown({ ...HOW, input, external });
    const { output } = await build.generate({ format: 'esm', codeSplitting: false });
    const [program] = output;
    await writeFile(join(folder, `${name}.mjs`), inAscii(program.code));
    for (const id of program.moduleIds) {
      const [found] = PACKAGE_FOLDER.exec(id) ?? [];
      if (found !== undefined) packages.add(found);
    }
  }
  return [...packages].toSorted();
}

/** What a bundler only warns of breaks at run time: a module that it did not find, a name that nobody exports. */
function refuse(_level: string, log: { readonly code?: string; readonly message: string }): void {
  // Of libraries' own: `eval` in one that compiles schemas, names of folders in code that needs no worker.
  if (log.code === 'EVAL' || log.code === 'COMMONJS_VARIABLE_IN_ESM') return;
  throw new Error(log.message);
}
