import { Impossible } from '#database/impossible.ts';
import type { Member } from '../member.ts';
import { type CommandAnswer, positionsIn } from './command-context.ts';

/**
 * @returns where it stands
 * @throws Impossible `NotRunning`, `NotPrimary` or `NotReplica`
 */
export async function requireRunning(
  member: Member,
  role: 'primary' | 'replica',
  signal: AbortSignal,
): Promise<CommandAnswer> {
  requireState(member);
  const { replication } = await member.engine.observe(signal);
  if (replication.role === role) return positionsIn(replication);
  throw new Impossible(role === 'primary' ? 'NotPrimary' : 'NotReplica', `the server is a ${replication.role}`);
}

/** @throws Impossible `NotRunning` */
export function requireState({ condition }: Member): void {
  const { state } = condition.current;
  if (state !== 'running') throw new Impossible('NotRunning', `the server is ${state}`);
}
