import type { ControlStatus, MemberNow } from '#contract/control-api.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { coloured, table } from '../terminal/table.ts';
import { tree } from '../terminal/tree.ts';
import { age } from './age.ts';
import { conditionsAmiss } from './conditions-amiss.ts';
import { imapdBranch, type Sight } from './imapd-branch.ts';
import { partitionBranch } from './partition-branch.ts';

/**
 * How a cluster stands, for people: a tree of its imapd and its partitions with their members.
 * @param now milliseconds since 1970, for ages
 */
export function statusText(sight: Sight, now: number): string {
  const { status } = sight;
  // The other side filled these in from the same schemas; a newer one may have added fields.
  const objects = status.objects as readonly (ImapCluster | MailboxPartition)[];
  const cluster = objects.find((object) => object.kind === 'ImapCluster');
  const partitions = objects.filter((object) => object.kind === 'MailboxPartition');
  const root = {
    cells: headOf(cluster, status),
    below: [
      ...amiss(cluster, status).map((line) => ({ cells: [`${coloured('!')} ${line}`] })),
      imapdBranch(sight),
      ...partitions.map((partition) => partitionBranch(partition, status)),
    ],
  };
  const sections = [tree(root), ...lastWords(status.members), ...processes(status, now)];
  return sections.join('\n');
}

function headOf(cluster: ImapCluster | undefined, { endpoints: { imap, imaps } }: ControlStatus): readonly string[] {
  const { name = '', namespace } = cluster?.metadata ?? {};
  return [
    namespace === undefined ? name : `${namespace}/${name}`,
    coloured(cluster?.status?.phase ?? 'unknown'),
    `imap ${imap.host}:${imap.port}, imaps ${imaps.host}:${imaps.port}`,
  ];
}

function amiss(cluster: ImapCluster | undefined, { operatorProblem }: ControlStatus): readonly string[] {
  const conditions = conditionsAmiss(cluster?.status?.conditions).map(
    ({ type, status, reason, message }) => `${type} ${status} (${reason}): ${message}`,
  );
  return operatorProblem === null ? conditions : [`the operator does not answer: ${operatorProblem}`, ...conditions];
}

/** Enough to see what a server that does not start complains of; its agent's log has more. */
const LAST_WORDS = 8;

function lastWords(members: readonly MemberNow[]): readonly string[] {
  return members.flatMap(({ name, lastWords: lines = [] }) =>
    lines.length === 0 ? [] : [`${[`${name} is down; its last words:`, ...lines.slice(-LAST_WORDS)].join('\n  ')}\n`],
  );
}

/** Of a run on one machine; pods are in the tree. */
function processes({ processes: list, pods }: ControlStatus, now: number): readonly string[] {
  if (list.length === 0 || pods !== undefined) return [];
  const rows = list.map(({ name, state, pid, restarts, startedAt }) => [
    name,
    coloured(state),
    String(pid ?? '-'),
    String(restarts),
    startedAt === null ? '-' : age(now - startedAt),
  ]);
  return [`${table(['process', 'state', 'pid', 'restarts', 'age'], rows)}\n`];
}
