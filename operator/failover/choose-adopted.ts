import type { MemberName } from '#contract/names.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { MemberObservation, Observation } from './observation/observation.ts';

/** Which of servers that exist is the primary of their repository; or why that cannot be said, for people. */
export type Adopted = { readonly primary: MemberName } | { readonly why: string };

/**
 * Nothing is taken over before all servers have been seen: a second primary would be overlooked. One that is of another
 * repository is left aside; it is named by a condition, and the others go on.
 */
export function chooseAdopted({ members }: PartitionSpec, observation: Observation): Adopted {
  const seen = members.map(({ name }) => observation.members.get(name));
  for (const [index, member] of seen.entries()) {
    const why = hindrance(member);
    if (why !== null) return { why: `${members[index]?.name}: ${why}` };
  }
  const primaries = seen.filter((member) => member?.report?.replication?.role === 'primary');
  const [first] = primaries;
  if (first === undefined) return { why: 'none of the servers is a primary: promote one of them' };
  if (primaries.length === 1) return { primary: first.name };
  const names = primaries.map((member) => member?.name).join(' and ');
  return {
    why: `${names} are both primaries: leave the one that counts, and make a replica of it, or take it out of members`,
  };
}

function hindrance(member: MemberObservation | undefined): string | null {
  if (member === undefined || !member.connected) return `no answer (${member?.failure ?? 'not contacted yet'})`;
  const { problem = null, report } = member;
  if (problem !== null) return problem.code === 'WrongRepository' ? null : problem.message;
  // What is known of it may be from before.
  if (report === null || report.replication === null || report.probe.failure !== null) {
    return report?.probe.message ?? 'not seen yet';
  }
  return null;
}
