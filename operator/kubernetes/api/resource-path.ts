import type { ApiObject, Resource } from './resource.ts';

/** One object, or (without `name`) all of a namespace, or (without both) all there are. */
export type Place = {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: 'status' | undefined;
};

export type QueryValue = string | number | boolean | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** Path and query of a request: `/apis/apps/v1/namespaces/mail/deployments/imapd?force=true`. */
export function resourcePath(resource: Resource<ApiObject>, place: Place, query: Query = {}): string {
  const { apiVersion, plural, namespaced } = resource;
  const root = apiVersion.includes('/') ? ['apis', ...apiVersion.split('/')] : ['api', apiVersion];
  const inside = namespaced && place.namespace !== undefined ? ['namespaces', place.namespace] : [];
  const rest = [plural, place.name, place.subresource].filter((part) => part !== undefined);
  const path = [...root, ...inside, ...rest].map(encodeURIComponent).join('/');
  const words = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(words.map(([key, value]) => [key, String(value)])).toString();
  return search === '' ? `/${path}` : `/${path}?${search}`;
}
