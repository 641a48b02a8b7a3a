import type { ReasonOf } from '#crds/condition-table.ts';
import { refusalIn } from '#database/version-refusal.ts';
import type { MemberPod } from './members-input.ts';
import { type databaseOf, hasEnded } from './pod-state.ts';

export type Problem = { readonly reason: ProblemReason; readonly message: string };

/** Worst first: the reason of the condition is that of the first there is. */
export const PROBLEM_REASONS = [
  'RecordMissing',
  'ImageUnsuitable',
  'ServerVersionWrong',
  'DataVersionWrong',
  'ImagePullFailed',
  'DiskFull',
  'ConfigurationMissing',
  'CrashLooping',
  'ServerDown',
  'VolumeLost',
  'VolumeNotBound',
  'NodeLost',
  'WaitingForNode',
  'Unschedulable',
  'Refused',
  'Evicted',
  'Rejoining',
  'Starting',
] as const satisfies readonly ReasonOf<'MembersReady'>[];
export type ProblemReason = (typeof PROBLEM_REASONS)[number];

type ContainerStatus = NonNullable<ReturnType<typeof databaseOf>>;

const PULL: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
/** `images/launcher/launch.c`: an image that the agent cannot run in. */
const EXIT_IMAGE = 78;
const LONGEST = 400;

/** What is wrong with a pod by the word of the node that runs it, and what to do about it; null: nothing is. */
export function podProblem(pod: MemberPod, binDirectory: string): Problem | null {
  const { status, metadata } = pod;
  if (hasEnded(pod)) {
    const why = [status?.reason, status?.message].filter((part) => part !== undefined && part !== '').join(': ');
    return {
      reason: 'Evicted',
      message: `${metadata.name} was ended by its node (${why || status?.phase}): made anew`,
    };
  }
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    const problem = containerProblem(container, { name: metadata.name, binDirectory });
    if (problem !== null) return problem;
  }
  return null;
}

type Context = { readonly name: string; readonly binDirectory: string };

function containerProblem(container: ContainerStatus, context: Context): Problem | null {
  const { name } = context;
  const waiting = container.state?.waiting;
  if (waiting === undefined && container.state?.terminated === undefined) return null;
  const { reason = '', message = '' } = waiting ?? {};
  if (PULL.has(reason)) {
    const todo = 'name another image, or see to the registry and its Secret';
    return {
      reason: 'ImagePullFailed',
      message: `${name}: image ${container.image} is not pulled (${reason}): ${todo}`,
    };
  }
  if (reason === 'CreateContainerConfigError' || reason === 'CreateContainerError') {
    return { reason: 'ConfigurationMissing', message: `${name}: container ${container.name}: ${cut(message)}` };
  }
  return endProblem(container, context);
}

/** By how the container ended last. */
function endProblem(container: ContainerStatus, { name, binDirectory }: Context): Problem | null {
  const end = container.state?.terminated ?? container.lastState?.terminated;
  if (end === undefined || end.exitCode === 0) return null;
  const said = cut(end.message ?? '');
  if (end.exitCode === EXIT_IMAGE)
    return { reason: 'ImageUnsuitable', message: `${name}: ${container.image}: ${said}` };
  const wrong = refusalIn(said) ?? missingProgram(said, binDirectory);
  if (wrong !== null) {
    const message = `${name}: ${container.image}: ${wrong}: image and majorVersion have to go together`;
    return { reason: 'ServerVersionWrong', message };
  }
  if (container.state?.waiting?.reason !== 'CrashLoopBackOff') return null;
  const how = end.signal === undefined ? `code ${end.exitCode}` : `signal ${end.signal}`;
  const message = `${name}: container ${container.name} ends again and again (${end.reason ?? how}): ${said || how}`;
  return { reason: 'CrashLooping', message };
}

/** The database's program, where the agent did not find it. */
function missingProgram(said: string, binDirectory: string): string | null {
  if (!said.includes('ENOENT')) return null;
  const [, program] = said.split(`${binDirectory}/`);
  const name = program === undefined ? null : /^[\w-]+/.exec(program)?.[0];
  return name === null || name === undefined ? null : `there is no ${binDirectory}/${name}`;
}

/** The end of it: what a log says last it says of its end. */
function cut(text: string): string {
  const plain = text.trim().replaceAll(/\s+/g, ' ');
  return plain.length <= LONGEST ? plain : `…${plain.slice(-LONGEST)}`;
}
