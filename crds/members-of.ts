import { type MemberName, memberName } from '#contract/names.ts';
import type { MailboxPartition } from './mailbox-partition.ts';

/** Names of the members that the spec asks for, `users-a-0` … A name is also the pod's, and the server's towards its peers. */
export function membersOf(partition: MailboxPartition): readonly MemberName[] {
  const { managed, members = [] } = partition.spec.repository;
  if (managed === undefined) return members.map((member) => memberName(member.name));
  return Array.from({ length: managed.instances }, (_, index) => memberName(`${partition.metadata.name}-${index}`));
}
