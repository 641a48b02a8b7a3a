import type { PartitionRecord } from '../partition/record.ts';
import type { Decision } from './decide.ts';
import type { Observation } from './observation/observation.ts';

/** The primary ended because it found no disk space, by the word of its agent, and nobody is about to take over. */
export function isDownForSpace(
  { primary, operation }: PartitionRecord,
  { decision, observation }: { readonly decision: Decision; readonly observation: Observation },
): boolean {
  if (primary === null || operation !== null || decision.kind === 'begin') return false;
  const member = observation.members.get(primary);
  if (member?.connected !== true || member.report === null) return false;
  return member.report.state !== 'running' && member.report.exit?.cause === 'DiskFull';
}
