import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type DocumentedField = { readonly name: string; readonly meaning: string };

const root = join(import.meta.dirname, '..');

/**
 * The fields of a plain type with what their JSDoc says: for the tables of numbers that are TypeScript and no schema.
 * `file` from the top of the repository.
 * @throws Error where the type is not found or a field has no comment
 */
export async function documentedFields(file: string, type: string): Promise<readonly DocumentedField[]> {
  const source = await readFile(join(root, file), 'utf8');
  const body = new RegExp(`^export (?:type ${type} =|interface ${type}) \\{\\n(?<body>.*?)^\\}`, 'ms').exec(source)
    ?.groups?.body;
  if (body === undefined) throw new Error(`${file}: no type ${type}`);
  return fieldsOf(body).map(({ name, meaning }) => {
    if (meaning === null) throw new Error(`${file}: ${type}.${name} has no comment: say what it is for`);
    return { name, meaning };
  });
}

/** Comment and field follow one another; a comment belongs to the next field alone. */
export function fieldsOf(body: string): readonly { readonly name: string; readonly meaning: string | null }[] {
  const pattern = /(?:\/\*\*(?<comment>(?:(?!\*\/).)*)\*\/\s*)?readonly (?<name>\w+)\??:/gs;
  return [...body.matchAll(pattern)].map(({ groups }) => ({
    name: groups?.name ?? '',
    meaning: groups?.comment === undefined ? null : words(groups.comment),
  }));
}

/** A comment over lines as one text. */
export const words = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, '').trimEnd())
    .join(' ')
    .trim();
