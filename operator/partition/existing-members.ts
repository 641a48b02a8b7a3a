import { memberName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { usualPort } from '#database/engine.ts';
import type { MemberSpec } from './partition-spec.ts';

/** Whether somebody else runs the servers. */
export const isExisting = ({ spec }: Pick<MailboxPartition, 'spec'>): boolean => spec.repository.members !== undefined;

/** Servers that somebody else runs, as the manifest names them; none where the operator makes them. */
export const existingMembers = ({ spec }: Pick<MailboxPartition, 'spec'>): readonly MemberSpec[] =>
  (spec.repository.members ?? []).map(({ name, host, port }) => ({
    name: memberName(name),
    endpoint: { host, port: port ?? usualPort(spec.repository.engine) },
    agentUrl: null,
  }));
