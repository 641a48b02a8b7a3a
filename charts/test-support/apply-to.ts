import type { ApiAnswer, ApiClient } from '#crds/test-support/api-client.ts';
import type { RenderedObject } from './helm.ts';

/** Kinds that lie in no namespace, as far as the chart has them. */
const CLUSTER_WIDE = /^(Namespace|CustomResourceDefinition|ClusterRole|ClusterRoleBinding)$/;

/**
 * Server-side apply of an object that was rendered, refused where the API server does not know a field of it. Without
 * `really` nothing is stored.
 */
export async function applyTo(ask: ApiClient, object: RenderedObject, really = false): Promise<ApiAnswer> {
  const { apiVersion, kind, metadata } = object;
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  const place = CLUSTER_WIDE.test(kind) ? '' : `/namespaces/${metadata.namespace ?? ''}`;
  // By force: what helm has installed is helm's.
  const query = `fieldManager=test&force=true&fieldValidation=Strict${really ? '' : '&dryRun=All'}`;
  return await ask(`${base}${place}/${plural}/${metadata.name}?${query}`, {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
}
