import type { PartitionRecord } from '../partition/record.ts';
import type { Decision } from './decide.ts';
import { candidatesOf } from './gate.ts';
import { hindranceOf } from './hindrance-of.ts';
import type { Observation } from './observation/observation.ts';

/**
 * The primary ended because it found no disk space, by the word of its agent, and nobody takes over: where
 * somebody will, in a moment or after a delay, commands that are held meanwhile succeed.
 */
export function isDownForSpace(
  record: PartitionRecord,
  { decision, observation }: { readonly decision: Decision; readonly observation: Observation },
): boolean {
  const { primary, operation, synchronous } = record;
  if (primary === null || operation !== null || decision.kind === 'begin' || decision.kind === 'wait') return false;
  // Async: it is given some seconds to come back before a replica is promoted.
  const maySucceed = synchronous.required === 0 && candidatesOf(record, observation, primary).length > 0;
  if (maySucceed && hindranceOf(decision) === null) return false;
  const member = observation.members.get(primary);
  if (member?.connected !== true || member.report === null) return false;
  return member.report.state !== 'running' && member.report.exit?.cause === 'DiskFull';
}
