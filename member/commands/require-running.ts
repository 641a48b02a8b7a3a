import { Impossible } from '#database/impossible.ts';
import type { Member } from '../member.ts';

/** @throws Impossible `NotRunning`, `NotPrimary` or `NotReplica` */
export async function requireRunning(member: Member, role: 'primary' | 'replica', signal: AbortSignal): Promise<void> {
  const { state } = member.condition.current;
  if (state !== 'running') throw new Impossible('NotRunning', `the server is ${state}`);
  const { replication } = await member.engine.observe(signal);
  if (replication.role === role) return;
  throw new Impossible(role === 'primary' ? 'NotPrimary' : 'NotReplica', `the server is a ${replication.role}`);
}
