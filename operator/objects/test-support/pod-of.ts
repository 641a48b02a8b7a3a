/** An object that has pods made by Kubernetes, or is one. */
type PodSource = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
};
type Template = { readonly metadata?: object; readonly spec: object };

/**
 * The pod that comes of an object: itself, or what a Deployment or a Job makes by its template; null where none does. Namespaces
 * enforce a Pod Security Standard when a pod is made, not when a template is stored.
 */
export function podOf(object: PodSource): PodSource | null {
  const { kind, metadata } = object;
  if (kind === 'Pod') return object;
  if (kind !== 'Deployment' && kind !== 'Job') return null;
  const { template } = object.spec as { readonly template: Template };
  // What makes a pod gives it a name.
  const named = { ...template.metadata, name: metadata.name, ...namespaceOf(metadata) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: named, spec: template.spec };
}

const namespaceOf = ({ namespace }: PodSource['metadata']): object => (namespace === undefined ? {} : { namespace });
