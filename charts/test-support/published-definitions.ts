import { readModuleFile } from '#e2e/clusters/programs/module-file.ts';

/** A node of an OpenAPI document. */
export type Schema = { readonly [word: string]: unknown };
export type Definitions = Readonly<Record<string, Schema>>;

/**
 * What Kubernetes has published of the kinds of one of its versions (OpenAPI 2), out of the Go module of that version.
 * @param version "v1.30.14"
 */
export async function publishedDefinitions(version: string): Promise<Definitions> {
  const file = { module: `k8s.io/kubernetes@${version}`, path: 'api/openapi-spec/swagger.json' };
  return (JSON.parse(await readModuleFile(file)) as { readonly definitions: Definitions }).definitions;
}
