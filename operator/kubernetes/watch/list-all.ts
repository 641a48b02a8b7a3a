import type { ApiClient, ListQuery } from '../api/api-client.ts';
import type { ApiObject, Resource } from '../api/resource.ts';

export type Listed<T> = { readonly items: readonly T[]; readonly resourceVersion: string };

/** Of lists of thousands the server need not hold more than this in memory at once. */
const PAGE = 500;

/**
 * All objects of a kind as they were at one moment, page by page. `keep`: what is kept of each, in place of it.
 * @throws ApiError 410 where the pages were so slow that the moment was forgotten: begin anew
 */
export async function listAll<T extends ApiObject>(
  client: ApiClient,
  resource: Resource<T>,
  query: ListQuery & { readonly signal: AbortSignal; readonly keep?: (object: T) => T },
): Promise<Listed<T>> {
  const { signal, keep = (object: T) => object, ...where } = query;
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page = await client.list(resource, { limit: PAGE, ...where, continue: next }, { signal });
    // A page after the other: whole, thousands of objects would take many times what is kept of them.
    for (const item of page.items) items.push(keep(item));
    next = page.metadata.continue;
    if (next === undefined || next === '') return { items, resourceVersion: page.metadata.resourceVersion };
  }
}
