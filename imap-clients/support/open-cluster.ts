import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoCluster } from '#demo/cluster.ts';
import { openDemoCluster } from '#demo/demo-cluster.ts';
import type { Account } from '../mail-client.ts';
import { imapStore } from '../stores/imap-store.ts';
import type { Digest, MailStore } from '../stores/mail-store.ts';

/** Of the manifests. */
export const PARTITION = 'users';
const PASSWORD = 'correct-horse-battery';

export type OpenedAccount = { readonly account: Account; readonly store: MailStore };

export type ClientsCluster = {
  readonly cluster: DemoCluster;
  /** Makes a user. `digest` says by what its messages are known in `store`. */
  openAccount(user: string, digest: Digest): Promise<OpenedAccount>;
};

/** A standalone cluster of these manifests. `folder` holds what belongs to the test. */
export async function openCluster(folder: string, manifests: string): Promise<ClientsCluster> {
  const manifest = join(folder, 'mail.yaml');
  await writeFile(manifest, manifests);
  const cluster = await openDemoCluster({
    signal: new AbortController().signal,
    say: () => undefined,
    manifest,
    logLevel: 'silent',
  });
  const { port } = cluster.endpoint;
  return {
    cluster,
    async openAccount(user, digest) {
      await cluster.createUser(user, PASSWORD);
      const account = {
        host: 'localhost',
        port,
        securePort: cluster.secureEndpoint.port,
        user,
        password: PASSWORD,
        certificateFile: cluster.certificateFile,
      };
      return { account, store: imapStore({ port, user, password: PASSWORD }, digest) };
    },
  };
}
