import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Package } from './package.ts';

const LICENCE = /^(licen[cs]e|notice|copying)/i;

/** The licences of all packages in one text: most ask to be passed on with the program. */
export async function licences(packages: readonly Package[]): Promise<string> {
  const parts: string[] = [];
  for (const { folder, name, version, license } of packages) {
    const files = (await readdir(folder)).filter((file) => LICENCE.test(file)).toSorted();
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    parts.push(`${name} ${version} (${license})\n\n${texts.join('\n').trim()}\n`);
  }
  return parts.join(`\n${'-'.repeat(72)}\n\n`);
}
