import { join } from 'node:path';
import { castOf, QUORUM } from '#demo/cast.ts';
import type { DemoCluster } from '#demo/cluster.ts';
import { openDemoCluster } from '#demo/demo-cluster.ts';
import type { BenchContext } from './bench.ts';
import { WireClient } from './wire-client.ts';

const PASSWORD = 'bench password';

/** A cluster with one imapd process and one user. */
export type BenchCluster = {
  readonly cluster: DemoCluster;
  readonly user: string;
  /** A new session of the user. */
  signIn(): Promise<WireClient>;
};

/** Starts the cluster of bench/one-imapd.yaml, lets `work` measure, and removes everything, whatever happens. */
export async function withBenchCluster<T>(
  { signal, progress }: BenchContext,
  work: (bench: BenchCluster) => Promise<T>,
): Promise<T> {
  const manifest = join(import.meta.dirname, 'one-imapd.yaml');
  const cluster = await openDemoCluster({ signal, say: progress, manifest });
  try {
    const [login] = castOf({ [QUORUM]: 1 }, PASSWORD);
    if (login === undefined) throw new Error('no user');
    await cluster.createUser(login.user, login.password);
    const signIn = async (): Promise<WireClient> => {
      const client = await WireClient.connect(cluster.endpoint);
      await client.command(`LOGIN ${login.user} "${PASSWORD}"`);
      return client;
    };
    return await work({ cluster, user: login.user, signIn });
  } finally {
    await cluster.stop();
  }
}
