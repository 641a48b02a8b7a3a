import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { words } from './documented-fields.ts';

export type DocumentedConstant = {
  readonly file: string;
  readonly name: string;
  readonly value: number;
  readonly meaning: string;
};

const root = join(import.meta.dirname, '..');

/**
 * A number at the top of a source file, with what its JSDoc says.
 * @throws Error where it is not there, has no comment, or is no product of plain numbers
 */
export async function documentedConstant(file: string, name: string): Promise<DocumentedConstant> {
  const found = constantIn(await readFile(join(root, file), 'utf8'), name);
  if (found === null) throw new Error(`${file}: no ${name} with a comment and a plain number`);
  return { file, name, ...found };
}

/** null where there is no such constant. */
export function constantIn(source: string, name: string): { readonly value: number; readonly meaning: string } | null {
  const comment = String.raw`/\*\*(?<comment>(?:(?!\*/).)*)\*/\n`;
  const pattern = new RegExp(`${comment}(?:export )?const ${name} = (?<value>[\\d_ *<]+);`, 's');
  const { comment: text, value } = pattern.exec(source)?.groups ?? {};
  return text === undefined || value === undefined ? null : { value: product(value), meaning: words(text) };
}

/** `4 * 1024`, `128 << 20`, `20_000`. */
function product(text: string): number {
  const [first = '', shift = '0'] = text.replaceAll('_', '').split('<<');
  return first.split('*').reduce((all, factor) => all * Number(factor), 1) * 2 ** Number(shift);
}
