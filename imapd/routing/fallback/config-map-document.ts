import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { DocumentSource } from './document-source.ts';

export type ConfigMapPlace = {
  /** `https://HOST:PORT` of the API server. */
  readonly apiServer: string;
  readonly namespace: string;
  readonly name: string;
  /** Key of the document in the ConfigMap. */
  readonly key: string;
  /** Token of the pod's service account, and the authority that signed the API server's certificate. */
  readonly tokenFile: string;
  readonly caFile: string;
};

/** An API server lets nobody store more than 1.5 MiB an object. Octets. */
const MAX_ANSWER = 4 * 1024 * 1024;
const OK = 200;
const NOT_FOUND = 404;

const ConfigMap = Type.Object({ data: Type.Optional(Type.Record(Type.String(), Type.String())) });

/**
 * The one GET that an imapd pod may send to the API server. Without a client library: those take 80 MiB of memory a process.
 * Token and authority are read anew each time, for the kubelet renews them.
 */
export const configMapDocument = (place: ConfigMapPlace): DocumentSource => ({
  name: `ConfigMap ${place.namespace}/${place.name}`,
  async read(signal) {
    const [token, ca] = await Promise.all([readFile(place.tokenFile, 'utf8'), readFile(place.caFile, 'utf8')]);
    const { namespace, name } = place;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
    const answer = await get(new URL(path, place.apiServer), { token: token.trim(), ca, signal });
    if (answer.status === NOT_FOUND) return null;
    if (answer.status !== OK) throw new Error(`the API server answers with status ${answer.status}`);
    const object: unknown = JSON.parse(answer.body);
    if (!Value.Check(ConfigMap, object)) throw new Error('the API server answers with something else than a ConfigMap');
    return object.data?.[place.key] ?? null;
  },
});

type Asking = { readonly token: string; readonly ca: string; readonly signal: AbortSignal };

async function get(url: URL, { token, ca, signal }: Asking): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  // No agent: a kept connection would go on with an authority and a token that have been replaced.
  const asking = request(url, { ca, headers, agent: false, signal });
  asking.once('response', resolve).once('error', reject).end();
  const answer = await promise;
  let body = '';
  let length = 0;
  answer.setEncoding('utf8');
  for await (const piece of answer as AsyncIterable<string>) {
    length += piece.length;
    if (length > MAX_ANSWER) throw new Error('the API server sends more than an object may hold');
    body += piece;
  }
  return { status: answer.statusCode ?? 0, body };
}
