import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEARTBEAT_PATH } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import { askOnce } from '#runtime/channel/test-support/ask-once.ts';
import { loadConfiguration } from '#runtime/configuration.ts';
import type { Logger } from '#runtime/logger.ts';
import { ImapdConfiguration } from '../configuration.ts';
import type { TestCluster } from '../routing/test-support/test-cluster.ts';
import { startImapd } from '../start-imapd.ts';

/** Of the admin port. */
export const TOKEN = 'token-of-the-admin-port';

export type TestImapdOptions = {
  readonly log: Logger;
  /** The routing document to begin with. */
  readonly targets?: Readonly<Record<string, Target>>;
  /** Beside, or in place of, what `imapdConfiguration` gives. */
  readonly more?: object;
};

/** A whole imapd as its program starts it, in the process of the test. */
export type TestImapd = {
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly adminPort: number;
  /** Asks the admin port, with its token unless another is given. */
  ask(path: string, options?: RequestInit & { readonly token?: string }): Promise<Response>;
  /** What it answers to the first heartbeat of a channel. */
  beat(signed: string): Promise<unknown>;
  stop(): Promise<void>;
};

/** What a configuration must say, and costs that suit tests. */
export const imapdConfiguration = (cluster: TestCluster): object => ({
  pod: 'imapd-0',
  cluster: 'mail',
  routing: { publicKeys: [cluster.key.publicJwk] },
  credentialsDirectory: cluster.folder,
  admin: { port: 0, token: TOKEN },
  listen: { imap: { host: '127.0.0.1', port: 0 } },
  authentication: { argon2: { memoryKiB: 64, iterations: 1 }, failureDelayMs: 1 },
});

export async function startTestImapd(cluster: TestCluster, options: TestImapdOptions): Promise<TestImapd> {
  const documentFile = join(cluster.folder, 'routing.jws');
  if (options.targets !== undefined) await writeFile(documentFile, await cluster.document(options.targets));
  const routing = { publicKeys: [cluster.key.publicJwk], documentFile };
  const file = join(cluster.folder, 'imapd.config');
  await writeFile(file, JSON.stringify({ ...imapdConfiguration(cluster), routing, ...options.more }));
  const imapd = await startImapd(await loadConfiguration(file, ImapdConfiguration), options.log);
  return {
    ...imapd,
    imapPort: imapd.imapPort ?? 0,
    imapsPort: imapd.imapsPort ?? 0,
    ask(path, { token = TOKEN, ...request } = {}) {
      const headers = { authorization: `Bearer ${token}`, ...request.headers };
      return fetch(`http://127.0.0.1:${imapd.adminPort}${path}`, { ...request, headers });
    },
    beat: (signed) => askOnce(new URL(`http://127.0.0.1:${imapd.adminPort}${HEARTBEAT_PATH}`), signed),
  };
}

/** A request with a body, for `ask`. */
export const json = (method: string, body: object): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});
