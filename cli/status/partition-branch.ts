import type { ControlStatus, MemberNow, PodNow } from '#contract/control-api.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { FinishedChange } from '#crds/partition-status.ts';
import { coloured } from '../terminal/table.ts';
import type { Branch } from '../terminal/tree.ts';
import { conditionsAmiss } from './conditions-amiss.ts';
import { restartsOf } from './imapd-branch.ts';

/** A partition: its members, what is amiss, and the last change of its primary. */
export function partitionBranch(partition: MailboxPartition, status: ControlStatus): Branch {
  const { metadata, spec, status: seen } = partition;
  const { engine } = spec.repository;
  const step = seen?.step ?? null;
  return {
    cells: [
      `partition ${metadata.name}`,
      coloured(seen?.phase ?? 'Creating'),
      `epoch ${seen?.epoch ?? '-'}`,
      `primary ${seen?.primary ?? '-'}`,
      `${engine}, ${spec.durability.mode}${spec.paused === true ? ', paused' : ''}${step === null ? '' : `, step ${step}`}`,
    ],
    below: [...membersOf(partition, status), ...amiss(partition, status), ...lastChange(seen?.lastFailover ?? null)],
  };
}

function membersOf(
  { metadata, status: seen }: MailboxPartition,
  { members, pods = [] }: ControlStatus,
): readonly Branch[] {
  const lively = members.filter(({ partition }) => partition === metadata.name);
  if (lively.length > 0) return lively.map((member) => ({ cells: memberCells(member, podOf(member.name, pods)) }));
  // Without the operator's word there is what it wrote down last.
  return (seen?.members ?? []).map(({ name, role, reachable }) => ({
    cells: [name, role, coloured(reachable ? 'reachable' : 'unreachable'), '-', ...placeOf(podOf(name, pods))],
  }));
}

const podOf = (member: string, pods: readonly PodNow[]): PodNow | undefined =>
  pods.find((pod) => pod.component === 'database' && (pod.member ?? pod.name) === member);

function memberCells({ name, role, state, connected, lagSeconds, received }: MemberNow, pod: PodNow | undefined) {
  return [
    name,
    role ?? '-',
    connected ? coloured(state ?? 'unknown') : coloured('no agent'),
    lagSeconds === null || role === 'primary' ? '-' : `lag ${lagSeconds.toFixed(1)}s`,
    ...placeOf(pod),
    received ?? '-',
  ];
}

/** Node, and what is wrong with the pod; nothing of both on one machine. */
function placeOf(pod: PodNow | undefined): readonly string[] {
  if (pod === undefined) return [];
  const notes = [restartsOf(pod.restarts), pod.problem ?? ''].filter((note) => note !== '');
  return [[pod.node ?? '-', ...notes].join(', ')];
}

function amiss({ metadata, spec, status: seen }: MailboxPartition, { waiting }: ControlStatus): readonly Branch[] {
  // What waits for nobody by a person's choice is not amiss.
  const chosen = (type: string): boolean => type === 'QuorumSafe' && spec.durability.mode === 'Async';
  const conditions = conditionsAmiss(seen?.conditions)
    .filter(({ type }) => !chosen(type))
    .map(({ type, status, reason, message }) => `${type} ${status} (${reason}): ${message}`);
  const waits = waiting[metadata.name];
  const alone = (seen?.members ?? []).flatMap(({ name, errant }) =>
    errant === undefined ? [] : [`${name} alone has ${errant}`],
  );
  const lines = [...conditions, ...alone, ...(waits === undefined ? [] : [`waiting: ${waits}`])];
  return lines.map((line) => ({ cells: [`${coloured('!')} ${line}`] }));
}

function lastChange(change: FinishedChange | null): readonly Branch[] {
  if (change === null) return [];
  const { kind, from, to, startedAt, finishedAt, phases, salvaged, reason } = change;
  const took = `${Date.parse(finishedAt) - Date.parse(startedAt)} ms`;
  const steps = Object.entries(phases).map(([step, milliseconds]) => `${step} ${milliseconds}`);
  const counts = Object.entries(salvaged ?? {}).map(([what, count]) => `${count} ${what}`);
  const details = [
    `last ${kind}: ${from ?? '-'} → ${to ?? '-'}`,
    `at ${startedAt}`,
    `in ${took}${steps.length === 0 ? '' : ` (${steps.join(', ')})`}`,
    ...(counts.length === 0 ? [] : [`salvaged ${counts.join(', ')}`]),
    reason,
  ];
  return [{ cells: [details.join(', ')] }];
}
