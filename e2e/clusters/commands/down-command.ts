import { deleteKindCluster } from '../kind/kind-cluster.ts';
import { down } from '../local/down.ts';

export type DownOptions = { readonly provider: 'local' | 'kind'; readonly state: string };

/** `npm run cluster -- down`. */
export async function downCommand({ provider, state }: DownOptions): Promise<void> {
  if (provider === 'kind') return await deleteKindCluster();
  const ended = await down(state);
  process.stdout.write(ended ? 'ended; nothing is left of it\n' : `no cluster runs in ${state}\n`);
}
