import { type Alarm, alarms } from '#crds/alarms.ts';
import { type ConditionEntry, conditionTable } from '#crds/condition-table.ts';
import { eventOfReason } from '#operator/kubernetes/status/event-of-reason.ts';
import { codes } from '#runtime/error-codes.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

/** docs/reference/conditions.md */
export function conditionsPage(): string {
  return `${generatedFrom(['crds/condition-table.ts', 'crds/alarms.ts', 'runtime/error-codes.ts'])}
# Conditions

What may stand in \`status.conditions\`. \`fine\`: all is well; \`passing\`: part of normal work, and over by itself; \`trouble\`: somebody may have to
do something. Each reason leads to its [runbook](../runbooks/README.md). Standalone has those of MailboxPartitions that say nothing of pods and volumes.

On Kubernetes an Event of that reason tells that a condition has come to trouble (Warning), and after trouble that it is well again (Normal). Of alarms, \`FailoverBlocked\`, \`RejoinNeeded\` and
\`SchemaCurrent\` the trouble is told by an Event that is called after its [code](codes.md). The end of an alarm is told as \`ConditionCleared\`.

${Object.entries(conditionTable).map(section).join('\n\n')}

## Alarms

These are there only while they hold, with the status True and their own name as reason. Each comes with an Event.

${markdownTable(['condition', 'of', 'what happened', 'what to do'], allAlarms().map(alarmRow))}
`;
}

const FINE: Readonly<Record<ConditionEntry['fine'], string>> = {
  True: 'Should be True.',
  False: 'Should be False.',
  either: 'May be either.',
};

function section([type, { kinds, what, fine, reasons }]: [string, ConditionEntry]): string {
  const rows = Object.entries(reasons).map(([reason, entry]) => [
    entry.weight === 'fine' ? code(reason) : `[${reason}](../runbooks/${type}.md#${reason.toLowerCase()})`,
    entry.weight,
    eventOfReason(type, reason) ?? '',
    entry.what,
  ]);
  return `## ${type}

${what} Of ${kinds.join(' and ')}. ${FINE[fine]}

${markdownTable(['reason', 'weight', 'Event', 'meaning'], rows)}`;
}

const allAlarms = (): readonly Alarm[] => [...new Set(Object.values(alarms).flat())].toSorted();

function alarmRow(alarm: Alarm): readonly string[] {
  const { what, todo = '' } = codes[alarm];
  const of = Object.entries(alarms).filter(([, names]) => names.some((name) => name === alarm));
  return [`[${alarm}](../runbooks/${alarm}.md)`, of.map(([kind]) => kind).join(', '), what, todo];
}
