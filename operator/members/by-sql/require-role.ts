import { Impossible } from '#database/impossible.ts';
import type { Look } from './engine-server.ts';

type Context<L extends Look> = { readonly look: () => Promise<L>; readonly epoch: number };

/**
 * The server as it is now, where it is what the command is for.
 * @throws Impossible `NotPrimary`, `NotReplica`, or `EpochPassed`: it has seen a later change of primary than the operator
 */
export async function requireRole<L extends Look>(context: Context<L>, role: 'primary' | 'replica'): Promise<L> {
  const now = await requireEpoch(context);
  const { replication } = now.observation;
  if (replication.role === role) return now;
  throw new Impossible(role === 'primary' ? 'NotPrimary' : 'NotReplica', `the server is a ${replication.role}`);
}

/** The same, whatever it is. */
export async function requireEpoch<L extends Look>({ look, epoch }: Context<L>): Promise<L> {
  const now = await look();
  const { replication } = now.observation;
  if ((replication.epoch ?? 0) > epoch) {
    throw new Impossible('EpochPassed', `epoch ${replication.epoch} is stamped there, ${epoch} lies before it`);
  }
  return now;
}
