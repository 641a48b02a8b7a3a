import type { MemberName } from '#contract/names.ts';
import { AGENT_PORT, databasePort } from '../../partition/objects/member-ports.ts';
import { memberHost } from '../../partition/objects/partition-names.ts';
import type { MemberSpec } from '../../partition/partition-spec.ts';
import type { MembersInput } from './members-input.ts';
import { hasEnded } from './pod-state.ts';
import { marksOf } from './volume-marks.ts';

/**
 * Where the core finds these members. By the address of the pod, which needs no name service. While a pod has none the
 * member stays where it was last: a changed address would cut the stream to an agent that is about to be seen dying. One that
 * was never seen has its host name, which will be right some day.
 */
export function memberSpecs(names: readonly MemberName[], input: MembersInput): readonly MemberSpec[] {
  return names.map((name) => ({
    ...specAt(name, addressOf(name, input) ?? memberHost(input.build.partition, name), input),
    ...(isNewcomer(name, input) ? { newcomer: true } : {}),
  }));
}

/** One that serves has all data, whatever is written on its volume; and of one without a volume nobody can tell. */
function isNewcomer(name: MemberName, { volumes, record }: MembersInput): boolean {
  const volume = volumes.find(({ metadata }) => metadata.name === name);
  if (record === null || record.primary === null || record.primary === name) return false;
  return volume !== undefined && !marksOf(volume).joined;
}

function addressOf(name: MemberName, { pods, before }: MembersInput): string | undefined {
  const pod = pods.find(({ metadata }) => metadata.name === name);
  // Nobody listens there any more, and somebody else may before long.
  const current = pod === undefined || hasEnded(pod) ? undefined : pod.status?.podIP;
  return current ?? before.find((spec) => spec.name === name)?.endpoint.host;
}

function specAt(name: MemberName, host: string, { build }: MembersInput): MemberSpec {
  const { port } = databasePort(build.partition.spec.repository.engine);
  const inUrl = host.includes(':') ? `[${host}]` : host;
  return { name, endpoint: { host, port }, agentUrl: `http://${inUrl}:${AGENT_PORT.port}` };
}
