import type { AgentReport } from '#contract/agent-report.ts';
import { type MemberName, memberName, partitionName } from '#contract/names.ts';
import type { DecideInput } from '../failover/decide.ts';
import type {
  MemberObservation,
  Observation,
  PodObservation,
  Preparation,
  Request,
} from '../failover/observation/observation.ts';
import type { PartitionSpec } from '../partition/partition-spec.ts';
import { newRecord, type PartitionRecord } from '../partition/record.ts';
import type { PlatformSighting } from '../ports.ts';
import { defaultTuning } from '../tuning.ts';

const NAMES = ['a', 'b', 'c'].map(memberName);
const [A, B, C] = NAMES as [MemberName, MemberName, MemberName];

/** How a member looks, in the few words that decisions turn on. */
export type Looks = {
  readonly state?: AgentReport['state'];
  readonly role?: 'primary' | 'replica';
  /** No connection to its agent. */
  readonly gone?: 'refused' | 'reset' | 'timeout' | 'unseen';
  readonly silentMs?: number;
  readonly failures?: number;
  readonly failure?: AgentReport['probe']['failure'];
  readonly upstream?: string | null;
  readonly streaming?: boolean;
  readonly upstreamSilentMs?: number;
  readonly granted?: number | null;
  readonly fence?: AgentReport['fence'];
  readonly highestEpoch?: number;
  readonly rebuild?: 'Diverged';
  /** Its server was started, and has not been level since. */
  readonly mayLack?: true;
  /** Who streams from it, by its own word. */
  readonly standbys?: readonly string[];
  /** Why its server ended by itself. */
  readonly cause?: 'DiskFull';
  /** By its agent's word it is about to end. */
  readonly leaving?: boolean;
  /** Where the replica was told to find its upstream; otherwise the address in the spec. */
  readonly upstreamHost?: string;
  /** What the platform says of it. `endedMs`: its process ended so long after it began. `instance`: of another one. */
  readonly platform?: {
    readonly state?: PlatformSighting['state'];
    readonly endedMs?: number;
    /** When the next one began, counted from the same moment. */
    readonly replacedMs?: number;
    readonly instance?: string;
  };
};

export type Scene = {
  readonly a?: Looks;
  readonly b?: Looks;
  readonly c?: Looks;
  readonly pods?: readonly Partial<PodObservation>[];
  readonly lag?: Readonly<Record<string, number>>;
  readonly downMs?: number | null;
  readonly restartingMs?: number | null;
  readonly degradedMs?: number | null;
  readonly request?: Request | null;
  readonly requestMs?: number;
  /** Of a change from a to `to`. */
  readonly preparation?: { readonly to: string } & Partial<Pick<Preparation, 'ended' | 'ageMs'>>;
  readonly spec?: Partial<Omit<PartitionSpec, 'failover'>> & { readonly failover?: Partial<PartitionSpec['failover']> };
  readonly record?: Partial<PartitionRecord>;
};

/** A repository of three where a is the primary of epoch 5 and all is well, except for what the scene says. */
export function buildInput(scene: Scene = {}): DecideInput {
  const record: PartitionRecord = {
    ...newRecord,
    epoch: 5,
    servedEpoch: 5,
    primary: A,
    phase: 'Healthy',
    synchronous: { required: 1, members: [B, C] },
    schema: { version: '1', mark: null, since: 0, problem: null },
    target: { epoch: 5, writer: A, readers: [B, C] },
    ...scene.record,
  };
  return {
    spec: buildSpec(scene.spec),
    record,
    observation: buildObservation(scene),
    tuning: defaultTuning,
    now: 1e12,
  };
}

function buildSpec({ failover, ...spec }: NonNullable<Scene['spec']> = {}): PartitionSpec {
  return {
    name: partitionName('users-a'),
    engine: 'postgresql',
    database: 'imap',
    schema: '1',
    members: NAMES.map((name) => ({ name, endpoint: { host: name, port: 5432 }, agentUrl: `http://${name}` })),
    retainedLogBytes: 1_024 ** 3,
    durability: { mode: 'Quorum', whenDegraded: 'Hold' },
    paused: false,
    ...spec,
    failover: {
      mode: 'Automatic',
      probeIntervalMs: 250,
      failureThreshold: 3,
      maxLostSeconds: 5,
      delayMs: 0,
      uidGap: 1_000_000,
      ...failover,
    },
  };
}

function buildObservation(scene: Scene): Observation {
  return {
    members: new Map([
      [A, buildMember(A, { role: 'primary', ...scene.a })],
      [B, buildMember(B, scene.b ?? {})],
      [C, buildMember(C, scene.c ?? {})],
    ]),
    pods: (scene.pods ?? []).map((pod, index) => ({
      pod: `imapd-${index}`,
      epoch: 5,
      writerReachable: true,
      writerFailure: null,
      held: 0,
      leaseRemainingMs: null,
      ageMs: 500,
      ...pod,
    })),
    lagSeconds: new Map(Object.entries(scene.lag ?? {}).map(([name, lag]) => [memberName(name), lag])),
    primaryDownMs: scene.downMs ?? null,
    restartingMs: scene.restartingMs ?? null,
    degradedMs: scene.degradedMs ?? null,
    request: scene.request ?? null,
    requestMs: scene.requestMs ?? (scene.request === undefined ? null : 500),
    preparation: buildPreparation(scene.preparation),
  };
}

function buildPreparation(said: Scene['preparation']): Preparation | null {
  if (said === undefined) return null;
  return { from: A, to: memberName(said.to), ended: said.ended ?? true, ageMs: said.ageMs ?? 500 };
}

function buildMember(name: MemberName, looks: Looks): MemberObservation {
  const unseen = looks.gone === 'unseen';
  return {
    name,
    connected: looks.gone === undefined,
    failure: looks.gone === undefined || looks.gone === 'unseen' ? null : looks.gone,
    silentMs: unseen ? null : (looks.silentMs ?? (looks.gone === undefined ? 100 : 2_000)),
    report: unseen ? null : buildReport(name, looks),
    platform: buildPlatform(looks.platform),
  };
}

const INSTANCE = 'uid-1';
const STARTED_AT = 1e12 - 60_000;

function buildPlatform(says: Looks['platform']): PlatformSighting | null {
  if (says === undefined) return null;
  const { state = 'there', endedMs, replacedMs, instance = INSTANCE } = says;
  const replacedAt = replacedMs === undefined ? null : STARTED_AT + replacedMs;
  return {
    instance,
    state,
    ends: endedMs === undefined ? [] : [{ instance, at: STARTED_AT + endedMs, exitCode: 137, replacedAt }],
  };
}

function buildReport(name: string, looks: Looks): AgentReport {
  const { state = 'running', role = 'replica', upstream = 'a' } = looks;
  const streaming = looks.streaming ?? true;
  const usual = role === 'primary' ? 5 : null;
  return {
    cluster: 'mail',
    partition: 'users-a',
    member: name,
    bootId: 'boot',
    instance: INSTANCE,
    startedAt: STARTED_AT,
    ...(looks.leaving === true ? { leaving: true } : {}),
    sequence: 1,
    state,
    activity: null,
    serverPid: 1,
    serverVersion: '18',
    exit: state === 'exited' ? { code: null, signal: 'SIGKILL', lastLog: [], cause: looks.cause ?? null } : null,
    probe: {
      consecutiveFailures: looks.failures ?? 0,
      failure: looks.failure ?? null,
      message: null,
      latencyMs: 1,
    },
    replication:
      state !== 'running'
        ? null
        : {
            role,
            systemIdentifier: '1',
            timeline: 1,
            received: '0/100',
            applied: '0/100',
            ...(looks.mayLack && { mayLack: true }),
            epoch: 5,
            upstream:
              role === 'primary' || upstream === null
                ? null
                : {
                    member: upstream,
                    endpoint: { host: looks.upstreamHost ?? upstream, port: 5432 },
                    streaming,
                    silentMs: looks.upstreamSilentMs ?? 10,
                  },
            standbys: (looks.standbys ?? []).map((standby) => ({
              member: standby,
              streaming: true,
              synchronous: false,
              received: null,
            })),
            synchronous: { required: role === 'primary' ? 1 : 0, members: role === 'primary' ? ['b', 'c'] : [] },
          },
    fence: looks.fence ?? null,
    grantedEpoch: looks.granted === undefined ? usual : looks.granted,
    highestEpoch: looks.highestEpoch ?? 5,
    retainedBytes: 0,
    rebuild: looks.rebuild ?? null,
  };
}
