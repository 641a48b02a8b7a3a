import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiObject, Resource } from '../api/resource.ts';
import { differs } from '../apply/differs.ts';
import { foreignFields } from './foreign-fields.ts';
import { STATUS_MANAGER } from './status-manager.ts';

export type StatusInputs<T extends ApiObject> = {
  readonly resource: Resource<T>;
  /** As last heard of, with our entry of managedFields. */
  readonly live: T;
  readonly status: object;
  readonly signal: AbortSignal;
};

/**
 * The object as it is now, where something was written; null: nothing was to be written, or the object is gone.
 *
 * A status is wholly ours, conditions of other types apart. What somebody else has put into it, server-side apply would leave
 * there: it is taken away, and then ours is applied anew.
 */
export async function applyStatus<T extends ApiObject>(client: ApiClient, inputs: StatusInputs<T>): Promise<T | null> {
  const { resource, live, status, signal } = inputs;
  const { namespace, name, uid } = live.metadata;
  // With its uid: the status of one that is gone must not fall to the next of its name.
  const metadata = { namespace, name, uid };
  const call = { manager: STATUS_MANAGER, subresource: 'status', signal } as const;
  const apply = async (): Promise<T> => await client.apply(resource, { metadata, status } as unknown as T, call);
  try {
    const applied = statusDiffers({ namespace, name }, status, live) === null ? null : await apply();
    const foreign = foreignFields(status, applied ?? live);
    if (foreign.length === 0) return applied;
    await client.merge(resource, { metadata, status: Object.fromEntries(foreign.map((field) => [field, null])) }, call);
    return await apply();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return null;
    throw error;
  }
}

type Entry = { readonly manager?: string; readonly subresource?: string };

/** `differs` for what was applied to the status alone, whose entry of managedFields is another. */
function statusDiffers(metadata: ApiObject['metadata'], status: object, live: ApiObject): string | null {
  const { managedFields = [] } = live.metadata as { readonly managedFields?: readonly Entry[] };
  const own = managedFields
    .filter(({ manager, subresource }) => manager === STATUS_MANAGER && subresource === 'status')
    .map((entry) => ({ ...entry, subresource: '' }));
  const seen = { ...live, metadata: { ...live.metadata, managedFields: own } } as ApiObject;
  return differs({ metadata, status } as ApiObject, seen, STATUS_MANAGER);
}
