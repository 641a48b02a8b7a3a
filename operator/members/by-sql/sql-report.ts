import type { AgentReport } from '#contract/agent-report.ts';
import type { Look, ServerFacts, SqlProbe, Unfit } from './engine-server.ts';
import type { SqlFailure } from './sql-failure.ts';

/** What is known of a server from the looks at it so far: the memory of its monitor. */
export type Looks = {
  /** Failed looks since the last good one. */
  readonly failures: number;
  readonly failure: SqlFailure | null;
  readonly latencyMs: number | null;
  /** Of the last good look. */
  readonly replication: AgentReport['replication'];
  readonly retainedBytes: number | null;
  readonly facts: ServerFacts | null;
  readonly unfit: Unfit | null;
  readonly rebuild: 'Diverged' | 'LogRemoved' | null;
  /**
   * The life of the server up to which a barrier vouches for what it shows. One that was started, or recovered from a crash,
   * since then shows commits that may be on no replica. null: not seen yet.
   */
  readonly vouchedLife: string | null;
};

export const NO_LOOKS: Looks = {
  failures: 0,
  failure: null,
  latencyMs: null,
  replication: null,
  retainedBytes: null,
  facts: null,
  unfit: null,
  rebuild: null,
  vouchedLife: null,
};

/**
 * What is known after one more look. A server that answers the first time anybody looks is taken for what it is: what it shows
 * has been shown before, and every commit acknowledged since was a barrier. One that was seen down is not.
 */
export function afterLook(looks: Looks, probe: SqlProbe): Looks {
  if (!probe.ok) return { ...looks, failures: looks.failures + 1, failure: probe.failure, latencyMs: null };
  return { ...afterGlance(looks, probe), failures: 0, failure: null, latencyMs: probe.latencyMs };
}

/**
 * What is known after a look over a session that is kept, outside the rounds. It says nothing of whether the server makes new
 * sessions, so failures go on being counted.
 */
export function afterGlance(looks: Looks, { facts, observation, unfit }: Look): Looks {
  const { replication, retainedBytes, rebuild = null } = observation;
  const vouchedLife = looks.vouchedLife ?? (looks.failures === 0 ? facts.life : '');
  return { ...looks, replication, retainedBytes, facts, unfit, rebuild, vouchedLife };
}

export type ReportIdentity = Pick<AgentReport, 'cluster' | 'partition' | 'member' | 'bootId' | 'sequence'>;

/**
 * The looks at a server in the words of an agent, which is what the core knows. Nobody is on the spot, so there is no exit and
 * no process number; that a primary was granted is read off the server itself: it takes writes, under the epoch it was
 * stamped with.
 */
export function sqlReport(looks: Looks, identity: ReportIdentity): AgentReport {
  const { failure, failures, replication, facts } = looks;
  return {
    ...identity,
    state: failure?.meaning === 'passing' ? 'starting' : 'running',
    activity: null,
    serverPid: null,
    serverVersion: facts?.version ?? null,
    exit: null,
    probe: {
      consecutiveFailures: failures,
      failure: failure?.kind ?? null,
      message: failure?.message ?? null,
      latencyMs: looks.latencyMs === null ? null : Math.round(looks.latencyMs * 10) / 10,
    },
    replication,
    ...grantOf(looks),
    highestEpoch: replication?.epoch ?? 0,
    retainedBytes: looks.retainedBytes,
    rebuild: looks.rebuild,
  };
}

function grantOf({ replication, facts, vouchedLife }: Looks): Pick<AgentReport, 'fence' | 'grantedEpoch'> {
  if (facts === null || replication?.role !== 'primary') return { fence: null, grantedEpoch: null };
  if (facts.readOnly || !facts.adopted || vouchedLife !== facts.life) return { fence: 'NoGrant', grantedEpoch: null };
  return { fence: null, grantedEpoch: replication.epoch };
}
