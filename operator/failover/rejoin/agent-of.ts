import type { MemberName } from '#contract/names.ts';
import { memberSpec, type PartitionSpec } from '../../partition/partition-spec.ts';

/**
 * What a `clone` says of the agent of whoever is copied. It is that which makes a copy of MariaDB; of other engines agents are told
 * nothing that those of before do not know.
 */
export function agentOf(spec: PartitionSpec, copied: MemberName): { readonly agentUrl?: string } {
  const { agentUrl } = memberSpec(spec, copied);
  return spec.engine === 'mariadb' && agentUrl !== null ? { agentUrl } : {};
}
