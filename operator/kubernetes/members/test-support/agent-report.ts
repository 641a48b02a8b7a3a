import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';

export type Seen = {
  readonly member: MemberName;
  readonly state: AgentReport['state'];
  /** Whom it follows; null: it is the primary. */
  readonly upstream: MemberName | null;
  readonly streaming: boolean;
};

/** What an agent says of its server, as far as it matters here. */
export function agentReport({ member, state, upstream, streaming }: Seen): AgentReport {
  return {
    cluster: 'mail',
    partition: 'users-a',
    member,
    bootId: 'boot',
    sequence: 1,
    state,
    activity: null,
    serverPid: null,
    serverVersion: '18',
    exit: null,
    probe: { consecutiveFailures: 0, failure: null, message: null, latencyMs: 1 },
    replication:
      state === 'running'
        ? {
            role: upstream === null ? 'primary' : 'replica',
            systemIdentifier: '1',
            timeline: 1,
            received: '0/1',
            applied: '0/1',
            epoch: 1,
            upstream: upstream === null ? null : { member: upstream, streaming, silentMs: 0 },
            standbys: [],
            synchronous: { required: 0, members: [] },
          }
        : null,
    fence: null,
    grantedEpoch: null,
    highestEpoch: 0,
    retainedBytes: 0,
  };
}
