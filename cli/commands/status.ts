import { Command, Option } from 'commander';
import type { ControlStatus, MemberNow } from '#contract/control-api.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { type Context, withConnection } from '../context.ts';
import { OUTPUT_FORMATS, type OutputFormat, structured } from '../terminal/print-structured.ts';
import { coloured, table } from '../terminal/table.ts';

/** `imapctl status`: how the cluster stands. */
export function statusCommand(context: Context): Command {
  return new Command('status')
    .description('partitions, members and processes')
    .addOption(new Option('-o, --output <format>', 'everything, for programs').choices(OUTPUT_FORMATS))
    .action(async ({ output }: { readonly output?: OutputFormat }) => {
      const status = await withConnection(context, (connection) => connection.status());
      process.stdout.write(output === undefined ? statusText(status, Date.now()) : structured(status, output));
    });
}

/** @param now milliseconds since 1970, for ages */
export function statusText(status: ControlStatus, now: number): string {
  // The other side filled these in from the same schemas; a newer one may have added fields.
  const objects = status.objects as readonly (ImapCluster | MailboxPartition)[];
  const cluster = objects.find((object) => object.kind === 'ImapCluster');
  const partitions = objects.filter((object) => object.kind === 'MailboxPartition');
  const { imap, imaps } = status.endpoints;
  const head = `${cluster?.metadata.name ?? ''}: ${coloured(cluster?.status?.phase ?? 'unknown')}, imap ${imap.host}:${imap.port}, imaps ${imaps.host}:${imaps.port}`;
  const sections = [
    head,
    table(
      ['partition', 'engine', 'durability', 'primary', 'epoch', 'phase', 'step', 'ready'],
      partitions.map(partitionRow),
    ),
    ...notes(status, partitions),
    table(['member', 'role', 'state', 'streams', 'lag', 'position'], status.members.map(memberRow)),
    ...lastWords(status.members),
    ...changes(partitions),
    table(
      ['process', 'state', 'pid', 'restarts', 'age'],
      status.processes.map(({ name, state, pid, restarts, startedAt }) => [
        name,
        coloured(state),
        String(pid ?? '-'),
        String(restarts),
        startedAt === null ? '-' : age(now - startedAt),
      ]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function partitionRow({ metadata, spec, status }: MailboxPartition): readonly string[] {
  return [
    metadata.name,
    spec.repository.engine,
    spec.durability.mode,
    status?.primary ?? '-',
    String(status?.epoch ?? '-'),
    coloured(status?.phase ?? 'Creating'),
    status?.step ?? '-',
    coloured(status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown'),
  ];
}

/** Enough to see what a server that does not start complains of; its agent's log has more. */
const LAST_WORDS = 8;

function lastWords(members: readonly MemberNow[]): readonly string[] {
  const texts = members.flatMap(({ name, lastWords: lines = [] }) =>
    lines.length === 0 ? [] : [[`${name} is down; its last words:`, ...lines.slice(-LAST_WORDS)].join('\n  ')],
  );
  return texts.length === 0 ? [] : [texts.join('\n')];
}

const memberRow = ({ name, role, state, connected, lagSeconds, received }: MemberNow): readonly string[] => [
  name,
  role ?? '-',
  coloured(state ?? 'unknown'),
  coloured(connected ? 'yes' : 'no'),
  lagSeconds === null ? '-' : `${lagSeconds.toFixed(1)}s`,
  received ?? '-',
];

/** Whatever keeps a partition from being as it should. */
function notes(
  { waiting, operatorProblem }: ControlStatus,
  partitions: readonly MailboxPartition[],
): readonly string[] {
  const lines = [
    ...(operatorProblem === null ? [] : [`the operator does not answer: ${operatorProblem}`]),
    ...Object.entries(waiting).map(([partition, why]) => `${partition}: ${why}`),
    ...partitions.flatMap(({ metadata, status }) =>
      (status?.conditions ?? [])
        .filter(
          ({ type, status: holds }) => (type === 'FailoverBlocked' || type === 'RejoinNeeded') && holds === 'True',
        )
        .map(({ message }) => `${metadata.name}: ${message}`),
    ),
  ];
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function changes(partitions: readonly MailboxPartition[]): readonly string[] {
  const rows = partitions.flatMap(({ metadata, status }) => {
    const last = status?.lastFailover;
    if (last === undefined || last === null) return [];
    const took = `${Date.parse(last.finishedAt) - Date.parse(last.startedAt)} ms`;
    const salvaged = last.salvaged === null ? '-' : JSON.stringify(last.salvaged);
    return [[metadata.name, last.kind, `${last.from ?? '-'} → ${last.to ?? '-'}`, last.startedAt, took, salvaged]];
  });
  return rows.length === 0 ? [] : [table(['last change', 'kind', 'primary', 'at', 'took', 'salvaged'], rows)];
}

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** `95s`, `12m`, `5h`, `3d`: as coarse as kubectl. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 2 * MINUTE_S) return `${seconds}s`;
  if (seconds < 2 * HOUR_S) return `${Math.floor(seconds / MINUTE_S)}m`;
  return seconds < 2 * DAY_S ? `${Math.floor(seconds / HOUR_S)}h` : `${Math.floor(seconds / DAY_S)}d`;
}
