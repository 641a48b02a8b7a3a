import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '#database/engine.ts';
import { castOf, QUORUM } from '#demo/cast.ts';
import type { DemoCluster } from '#demo/cluster.ts';
import { openDemoCluster } from '#demo/demo-cluster.ts';
import type { BenchContext } from './bench.ts';
import { WireClient } from './wire-client.ts';

const PASSWORD = 'bench password';

/** A cluster with one imapd process. */
export type BenchCluster = {
  readonly cluster: DemoCluster;
  /** The first of them. */
  readonly user: string;
  readonly users: readonly string[];
  /** A new session of the first user. */
  signIn(): Promise<WireClient>;
  signInAs(user: string): Promise<WireClient>;
};

export type BenchSetting = Pick<BenchContext, 'signal' | 'progress'> & {
  /** Default PostgreSQL. */
  readonly engine?: Engine;
  /** How many; default one. */
  readonly users?: number;
};

/** Starts the cluster of bench/one-imapd.yaml, lets `work` measure, and removes everything, whatever happens. */
export async function withBenchCluster<T>(
  { signal, progress, engine = 'postgresql', users: count = 1 }: BenchSetting,
  work: (bench: BenchCluster) => Promise<T>,
): Promise<T> {
  await using remains = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-bench-'));
  remains.defer(() => rm(folder, { recursive: true, force: true }));
  const manifest = await manifestOf(engine, folder);
  const cluster = await openDemoCluster({ signal, say: progress, manifest });
  remains.defer(() => cluster.stop());
  const users = castOf({ [QUORUM]: count }, PASSWORD).map(({ user }) => user);
  const [user] = users;
  if (user === undefined) throw new Error('no user');
  for (const name of users) await cluster.createUser(name, PASSWORD);
  const signInAs = async (name: string): Promise<WireClient> => {
    const client = await WireClient.connect(cluster.endpoint);
    await client.command(`LOGIN ${name} "${PASSWORD}"`);
    return client;
  };
  return await work({ cluster, user, users, signIn: () => signInAs(user), signInAs });
}

/** With the settings that every user has: nothing is counted that they do not count. */
async function manifestOf(engine: Engine, folder: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'one-imapd.yaml'), 'utf8');
  const file = join(folder, 'mail.yaml');
  await writeFile(file, text.replace('engine: postgresql', `engine: ${engine}`));
  return file;
}
