import { Impossible } from '#database/impossible.ts';
import type { Look } from './probe-server.ts';
import type { SqlContext } from './sql-context.ts';

/**
 * The server as it is now, where it is what the command is for.
 * @throws Impossible `NotPrimary`, `NotReplica`, or `EpochPassed`: it has seen a later change of primary than the operator
 */
export async function requireRole({ look, epoch }: SqlContext, role: 'primary' | 'replica'): Promise<Look> {
  const now = await look();
  const { replication } = now.observation;
  if ((replication.epoch ?? 0) > epoch) {
    throw new Impossible('EpochPassed', `epoch ${replication.epoch} is stamped there, ${epoch} lies before it`);
  }
  if (replication.role === role) return now;
  throw new Impossible(role === 'primary' ? 'NotPrimary' : 'NotReplica', `the server is a ${replication.role}`);
}
