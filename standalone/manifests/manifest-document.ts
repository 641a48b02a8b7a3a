import { type Document, isMap, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Mistake } from './mistake.ts';

/** One YAML document of a file, as plain data that remembers its lines. */
export type ManifestDocument = {
  readonly file: string;
  readonly number: number;
  readonly subject: string;
  readonly value: unknown;
  /** Line, from 1, of the value at a path, or of the nearest thing around it that exists. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
};

/** Documents that are YAML, and what is wrong with the others. */
export type ParsedFile = { readonly documents: readonly ManifestDocument[]; readonly mistakes: readonly Mistake[] };

/** Reads every document of a file (JSON is YAML too). Empty documents are passed over, as kubectl does. */
export function parseManifestFile(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  const documents: ManifestDocument[] = [];
  const mistakes: Mistake[] = [];
  for (const [index, yaml] of [...parseAllDocuments(text, { lineCounter: lines })].entries()) {
    const number = index + 1;
    const problems = [...yaml.errors, ...yaml.warnings];
    const place = { file, document: number, subject: '', path: '' };
    mistakes.push(
      ...problems.map(({ message, pos }) => ({
        ...place,
        line: lines.linePos(pos[0]).line,
        message: `not YAML: ${firstLine(message)}`,
      })),
    );
    if (problems.length > 0) continue;
    const data = dataOf(yaml);
    if (data.problem !== null) {
      mistakes.push({ ...place, line: lineOf(yaml, lines, []), message: `not YAML: ${data.problem}` });
      continue;
    }
    const { value } = data;
    if (value === null || value === undefined) continue;
    documents.push({ file, number, subject: subjectOf(value), value, lineOf: (path) => lineOf(yaml, lines, path) });
  }
  return { documents, mistakes };
}

/** An alias is resolved only here: one without its anchor, or far too many, are found out late. */
function dataOf(yaml: Document): { readonly problem: string | null; readonly value: unknown } {
  try {
    return { problem: null, value: yaml.toJS() };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { problem: firstLine(error.message), value: null };
  }
}

/** The parser's messages go on with an excerpt of the file; the line number says enough. */
const firstLine = (message: string): string => (message.split('\n')[0] ?? message).replace(/ at line .*$/, '');

function subjectOf(value: unknown): string {
  const { kind, metadata } = value as { readonly kind?: unknown; readonly metadata?: { readonly name?: unknown } };
  if (typeof kind !== 'string') return '';
  return typeof metadata?.name === 'string' ? `${kind} ${metadata.name}` : kind;
}

function lineOf(yaml: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(yaml, path.slice(0, length));
    if (offset !== null) return lines.linePos(offset).line;
  }
  return lines.linePos(yaml.contents?.range?.[0] ?? 0).line;
}

/** Where the key of a field stands, rather than its value, which may begin on a later line. */
function offsetOf(yaml: Document, path: readonly (string | number)[]): number | null {
  const last = path.at(-1);
  const parent: unknown = path.length === 1 ? yaml.contents : yaml.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === last);
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? null;
  }
  const node = yaml.getIn(path, true) as { readonly range?: readonly number[] | null } | undefined;
  return node?.range?.[0] ?? null;
}
