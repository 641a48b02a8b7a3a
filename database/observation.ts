import type { ReplicationReport } from '#contract/agent-report.ts';

/** What a server says of itself. */
export type Observation = {
  readonly replication: ReplicationReport;
  /** Of its log, kept for replicas that are away; null: it keeps none for anybody. */
  readonly retainedBytes: number | null;
  /** Sessions of the mail role, whatever they do. */
  readonly mailSessions: number;
  /** A replica that can never go on from where it is; absent: nothing that it says tells so. */
  readonly rebuild?: 'Diverged' | 'LogRemoved' | null;
};
