import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { isDrained } from './is-drained.ts';
import type { MembersInput } from './members-input.ts';
import type { MemberFacts, Survey } from './plan/survey.ts';
import { type Problem, podProblem } from './pod-problem.ts';
import { isReady, isRunning } from './pod-state.ts';

/** A volume that is made on demand takes a moment. */
const PATIENCE_MS = 30_000;
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** What keeps one member from doing its part, and what to do about it; null: it does. */
export function memberProblem(member: MemberFacts, survey: Survey): Problem | null {
  const { name, pod, rejoining } = member;
  return (
    (pod === null ? refusalOf(name, survey.input) : null) ??
    nodeProblem(member) ??
    (pod === null ? null : podProblem(pod, survey.input.build.database.binDirectory)) ??
    serverProblem(member) ??
    placeProblem(member, survey) ??
    (rejoining ? rejoiningProblem(member, survey) : null) ??
    (pod !== null && isReady(pod) ? null : { reason: 'Starting', message: `${name} is not ready yet` })
  );
}

/** What the API server would not have made under this name. */
export function refusalOf(name: MemberName, { refusals }: MembersInput): Problem | null {
  const refused = refusals.get(name);
  if (refused === undefined || refused.of === 'updateVolume') return null;
  const what = refused.of === 'createPod' ? 'pod' : 'volume';
  return { reason: 'Refused', message: `the ${what} ${name} is refused: ${refused.message}` };
}

function nodeProblem({ name, pod, lost, lostAt }: MemberFacts): Problem | null {
  if (lostAt === null || pod?.spec?.nodeName === undefined) return null;
  const then = lost ? 'another member takes its place' : 'replaced if it does not come back';
  return { reason: 'NodeLost', message: `${name}: its node ${pod.spec.nodeName} does not answer: ${then}` };
}

/** The agent's own word. */
function serverProblem({ name, sighting }: MemberFacts): Problem | null {
  const report = sighting?.connected === true ? sighting.report : null;
  if (report === null || report.state === 'running' || report.exit === null) return null;
  if (report.exit.cause === 'DiskFull') {
    const todo = 'raise spec.repository.managed.storage.size; reading goes on meanwhile, writing once there is room';
    return { reason: 'DiskFull', message: `${name}: no disk space left: ${todo}` };
  }
  return report.state === 'exited' ? exited(name, report.exit.lastLog) : null;
}

/** PostgreSQL's words, and MySQL's. (MariaDB starts on whatever it finds.) */
const OTHER_VERSION = /initialized by PostgreSQL version|Cannot (?:up|down)grade from \d+ to/;

function exited(name: string, lastLog: NonNullable<AgentReport['exit']>['lastLog']): Problem {
  const incompatible = lastLog.find((line) => OTHER_VERSION.test(line));
  if (incompatible !== undefined) {
    const todo = 'go back to an image of that version: another major version cannot take the data over';
    return { reason: 'DataVersionWrong', message: `${name}: ${incompatible.trim()}: ${todo}` };
  }
  const last = lastLog.findLast((line) => line.trim() !== '')?.trim() ?? 'it says nothing';
  return { reason: 'ServerDown', message: `${name}: the server ended and is started again: ${last}` };
}

/** Where it could run, and on which volume. */
function placeProblem({ name, pod, volume }: MemberFacts, { input }: Survey): Problem | null {
  if (volume?.status?.phase === 'Lost') {
    const message = `${name}: the disk of its volume is gone: delete PersistentVolumeClaim and pod, and it is made anew`;
    return { reason: 'VolumeLost', message };
  }
  if (pod === null || isRunning(pod) || pod.spec?.nodeName !== undefined) return null;
  const waiting = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const isNew = input.now - Date.parse(pod.metadata.creationTimestamp ?? '') < PATIENCE_MS;
  if (waiting === undefined || isNew) return null;
  const home = input.nodes.find(({ metadata }) => metadata.name === volume?.metadata.annotations?.[SELECTED_NODE]);
  if (volume?.status?.phase === 'Bound' && home !== undefined && isDrained(home)) {
    const message = `${name}: its volume may be on ${home.metadata.name}, which is being drained: it waits for that node`;
    return { reason: 'WaitingForNode', message };
  }
  if (volume !== null && volume.status?.phase !== 'Bound') {
    const className = volume.spec?.storageClassName ?? 'the default';
    const message = `${name}: its volume is not bound (storage class ${className}): ${waiting.message ?? ''}`;
    return { reason: 'VolumeNotBound', message };
  }
  return { reason: 'Unschedulable', message: `${name}: no node takes it: ${waiting.message ?? ''}` };
}

function rejoiningProblem({ name }: MemberFacts, { record }: Survey): Problem | null {
  const entry = record?.rejoining.find(({ member }) => member === name);
  if (entry === undefined) return null;
  const hindrance = entry.problem === null ? '' : `: ${entry.problem}`;
  const from = entry.donor === undefined ? '' : ` from ${entry.donor}`;
  return { reason: 'Rejoining', message: `${name} is on its way back (${entry.step}${from})${hindrance}` };
}
