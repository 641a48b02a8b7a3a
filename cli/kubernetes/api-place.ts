/** Where something lies in the API: what a path is made of, and what a right is for. */
export type ApiPlace = {
  /** `v1`, `apps/v1` … */
  readonly api: string;
  readonly plural: string;
  /** null: all namespaces, or none. */
  readonly namespace: string | null;
  readonly name?: string;
  readonly subresource?: string;
};

export type ApiQuery = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path and query: `/api/v1/namespaces/mail/pods?labelSelector=a%3Db`. */
export function apiPath({ api, plural, namespace, name, subresource }: ApiPlace, query: ApiQuery = {}): string {
  const root = api.includes('/') ? ['apis', ...api.split('/')] : ['api', api];
  const inside = namespace === null ? [] : ['namespaces', namespace];
  const rest = [plural, name, subresource].filter((part) => part !== undefined);
  const path = [...root, ...inside, ...rest].map(encodeURIComponent).join('/');
  const words = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as [string, string]],
  );
  return words.length === 0 ? `/${path}` : `/${path}?${new URLSearchParams(words)}`;
}

/** The right that a person needs for it, as `kubectl auth can-i` takes it: `list imapclusters.imapcluster.io -n mail`. */
export function rightFor(verb: string, { api, plural, namespace, name, subresource }: ApiPlace): string {
  const group = api.includes('/') ? `.${api.split('/')[0]}` : '';
  const what = `${plural}${group}${name === undefined ? '' : `/${name}`}`;
  const part = subresource === undefined ? '' : ` --subresource=${subresource}`;
  return `${verb} ${what}${part} ${namespace === null ? '--all-namespaces' : `-n ${namespace}`}`;
}
