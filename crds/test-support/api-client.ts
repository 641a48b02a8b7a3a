import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** What the API server answered; `body` is parsed JSON, or text where the server has no kind for what it says. */
export type ApiAnswer = { readonly status: number; readonly warnings: readonly string[]; readonly body: unknown };

export type ApiQuestion = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
};

/** Asks an API server for paths, as they are: tables, dry runs and subresources need no more than HTTP. */
export type ApiClient = (path: string, question?: ApiQuestion) => Promise<ApiAnswer>;

const DEADLINE_MS = 10_000;

/** A client for the user of a kubeconfig. */
export async function apiClient(kubeconfig: string): Promise<ApiClient> {
  const config = new KubeConfig();
  config.loadFromString(await readFile(kubeconfig, 'utf8'));
  const server = config.getCurrentCluster()?.server;
  const credentials = {};
  await config.applyToHTTPSOptions(credentials);
  return async (path, { method = 'GET', body, contentType = 'application/json', accept = 'application/json' } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const headers = { accept, 'content-type': contentType };
    const outgoing = request(new URL(path, server), { ...credentials, method, headers, signal });
    outgoing.on('error', reject).on('response', async (response) => {
      try {
        const text = Buffer.concat(await response.toArray()).toString();
        const warnings = [response.headers.warning ?? []].flat();
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        resolve({ status: response.statusCode ?? 0, warnings, body: isJson ? JSON.parse(text) : text });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    return await promise;
  };
}
