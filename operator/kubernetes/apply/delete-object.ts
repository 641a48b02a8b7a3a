import type { ApiClient } from '../api/api-client.ts';
import type { ApiObject, Resource } from '../api/resource.ts';

/** `changed`: it is not as it was when its end was decided; decide anew. */
export type Deleted = 'deleted' | 'gone' | 'changed';

/**
 * Deletes the very object that the decision was made on, in the state in which it was seen: never its successor of the
 * same name, and never after somebody has changed it.
 */
export async function deleteObject<T extends ApiObject>(
  client: ApiClient,
  { resource, seen, signal }: { readonly resource: Resource<T>; readonly seen: T; readonly signal: AbortSignal },
): Promise<Deleted> {
  const { namespace, name, uid, resourceVersion } = seen.metadata;
  if (uid === undefined || resourceVersion === undefined) throw new TypeError('only what was read can be deleted');
  const outcome = await client.delete(
    resource,
    { namespace, name },
    { preconditions: { uid, resourceVersion }, signal },
  );
  if (outcome.ok) return 'deleted';
  return outcome.reason === 'gone' ? 'gone' : 'changed';
}
