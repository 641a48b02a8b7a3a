import { partitionName } from '#contract/names.ts';
import { LABEL } from '../../../objects/labels.ts';
import type { MemberInput } from '../../../partition/objects/member-input.ts';
import type { PartitionRecord } from '../../../partition/record.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { pods, volumeClaims } from '../../api/resource.ts';
import type { MembersExecutor } from '../members-executor.ts';
import type { MembersInput } from '../members-input.ts';
import { agentReport } from './agent-report.ts';

export type Observing = { readonly client: ApiClient; readonly executor: MembersExecutor };

/** What an operator sees of a partition at a real API server, where every member on record is well and follows the primary. */
export async function observedMembers(
  build: MemberInput,
  record: PartitionRecord | null,
  { client, executor }: Observing,
): Promise<MembersInput> {
  const { name: partition, namespace = 'default' } = build.partition.metadata;
  const which = { namespace, labelSelector: `${LABEL.partition}=${partition}` };
  const [found, volumes] = await Promise.all([client.list(pods, which), client.list(volumeClaims, which)]);
  const primary = record?.primary ?? null;
  const sightings = (record?.members ?? []).map(({ name }) => {
    const upstream = name === primary ? null : primary;
    const report = agentReport({ member: name, state: 'running', upstream, streaming: true });
    return { name, connected: true, failure: null, report, reportedAt: 0, lagSeconds: 0 };
  });
  return {
    build,
    record,
    sightings,
    pods: found.items,
    volumes: volumes.items,
    nodes: [],
    before: [],
    refusals: executor.refusals(partitionName(partition)),
    replaceLostAfterMs: 600_000,
    rollsUpgrades: false,
    now: Date.now(),
  };
}
