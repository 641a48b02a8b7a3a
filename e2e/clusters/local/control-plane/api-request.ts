import { request } from 'node:https';
import type { KeyPair } from '../../certificates/authority.ts';

export type ApiAccess = { readonly endpoint: string; readonly authority: string; readonly user: KeyPair };

const DEADLINE_MS = 5_000;

/** The status of a GET, for questions that come before any client library can be used. Rejects where nobody answers. */
export async function apiStatus({ endpoint, authority, user }: ApiAccess, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request(new URL(path, endpoint), {
    ca: authority,
    cert: user.certificate,
    key: user.key,
    agent: false,
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
    .on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
    .on('error', reject)
    .end();
  return await promise;
}
