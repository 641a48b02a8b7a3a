import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Definitions, publishedDefinitions, type Schema } from './published-definitions.ts';

type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string };

const REFERENCE = '#/definitions/';
/** Values that Kubernetes takes in two ways, which OpenAPI 2 cannot say. */
const EITHER: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': ['string', 'integer'],
  'io.k8s.apimachinery.pkg.api.resource.Quantity': ['string', 'number'],
};

/**
 * Writes what Kubernetes has published of all kinds of one of its versions as kubeconform reads it: a file a kind, in which a field that
 * is not in the schema is a mistake.
 */
export async function writePublishedSchemas(version: string, folder: string): Promise<void> {
  const definitions = await publishedDefinitions(version);
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, strictly(name, schema)]),
  );
  await mkdir(folder, { recursive: true });
  for (const [name, schema] of Object.entries(strict)) {
    const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[];
    const whole = { $ref: `${REFERENCE}${name}`, definitions: Object.fromEntries(reachable(name, strict)) };
    for (const kind of kinds) await writeFile(join(folder, fileOf(kind)), JSON.stringify(whole));
  }
}

/** As in kubeconform's `{{ .ResourceKind }}{{ .KindSuffix }}`. */
const fileOf = ({ group, version, kind }: GroupVersionKind): string =>
  `${[kind, ...group.split('.').slice(0, 1), version]
    .filter((word) => word !== '')
    .join('-')
    .toLowerCase()}.json`;

function strictly(name: string, schema: Schema): Schema {
  const types = EITHER[name];
  if (types !== undefined) return { type: types };
  return schema.properties === undefined ? schema : { ...schema, additionalProperties: false };
}

/** The definition and all that it refers to, itself perhaps. */
function reachable(name: string, definitions: Definitions): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  const left = [name];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const schema = definitions[next];
    if (schema === undefined || found.has(next)) continue;
    found.set(next, schema);
    const references = JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g);
    left.push(...[...references].map(([, reference = '']) => reference));
  }
  return found;
}
