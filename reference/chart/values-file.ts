import { Document, isMap, isScalar, type Pair, type Document as YamlDocument } from 'yaml';
import { type JsonSchema, plainSchema } from '#crds/generation/json-schema.ts';
import { Values } from './values.ts';

const WIDTH = 110;
const HEAD =
  ' Values of the chart imapcluster, each with its default.\n Written by `npm run generate` from reference/chart/values.ts. Do not edit.';

/** charts/imapcluster/values.yaml: all defaults, each with what it is for. */
export function valuesFile(): string {
  const schema = plainSchema(Values);
  const document = new Document(defaultOf(schema));
  annotate(document, document.contents, { schema, depth: 0 });
  document.commentBefore = HEAD;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** undefined: it is not written. */
function defaultOf(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.properties === undefined) return undefined;
  const fields = Object.entries(schema.properties)
    .map(([name, field]) => [name, defaultOf(field)] as const)
    .filter(([name, value]) => value !== undefined && schema.required?.includes(name) === true);
  return Object.fromEntries(fields);
}

type Where = { readonly schema: JsonSchema; readonly depth: number };

function annotate(document: YamlDocument, node: unknown, { schema, depth }: Where): void {
  if (!isMap(node)) return;
  for (const [index, pair] of (node.items as Pair[]).entries()) {
    const { key } = pair;
    if (!isScalar(key)) continue;
    const field = schema.properties?.[String(key.value)];
    if (field?.description === undefined) continue;
    key.commentBefore = wrapped(field.description, WIDTH - 2 * depth);
    key.spaceBefore = depth === 0 && index > 0;
    annotate(document, pair.value, { schema: field, depth: depth + 1 });
  }
}

/** Lines of at most `width`, each after a blank: where YAML writes its `#`. */
function wrapped(words: string, width: number): string {
  const lines = [''];
  for (const word of words.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > width) lines.push(` ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
