import type { Client } from 'pg';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { Observation } from '../observation.ts';
import { roles } from '../roles.ts';
import { parseSynchronousNames } from './replication/synchronous-names.ts';
import { selectEpoch } from './repository-epoch.ts';

type Row = {
  replica: boolean;
  system_identifier: string;
  primary_timeline: number | null;
  recovery_timeline: number;
  received_timeline: number | null;
  flushed: string | null;
  received: string | null;
  applied: string | null;
  epoch: number | null;
  receiver: { pid: number; status: string; silent_ms: number | null } | null;
  standbys: { name: string; state: string; sync_state: string; flush_lsn: string | null }[];
  retained: number | null;
  synchronous: string;
  mail_sessions: number;
};

/**
 * One statement, so that what belongs together is read together. On a replica `received` is the higher of what the
 * receiver flushed and what was replayed: a receiver begins at the start of a segment, and none may have run since the
 * last start.
 */
const status = (epoch: string): string => `
SELECT r.replica,
  (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
  CASE WHEN r.replica THEN NULL
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS primary_timeline,
  (SELECT greatest(c.timeline_id, v.min_recovery_end_timeline)
     FROM pg_control_checkpoint() c, pg_control_recovery() v) AS recovery_timeline,
  (SELECT greatest(received_tli, receive_start_tli) FROM pg_stat_wal_receiver) AS received_timeline,
  CASE WHEN r.replica THEN NULL ELSE pg_current_wal_flush_lsn()::text END AS flushed,
  greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text AS received,
  pg_last_wal_replay_lsn()::text AS applied,
  (${epoch}) AS epoch,
  (SELECT json_build_object('pid', pid, 'status', status, 'silent_ms',
     round(extract(epoch FROM clock_timestamp() - last_msg_receipt_time) * 1000)) FROM pg_stat_wal_receiver) AS receiver,
  (SELECT coalesce(json_agg(json_build_object('name', application_name, 'state', state, 'sync_state', sync_state,
     'flush_lsn', flush_lsn) ORDER BY application_name), '[]'::json)
     FROM pg_stat_replication WHERE usename = '${roles.replication}' AND state IN ('streaming', 'catchup')) AS standbys,
  (SELECT max(pg_wal_lsn_diff(CASE WHEN r.replica THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
     restart_lsn))::float8 FROM pg_replication_slots WHERE NOT active) AS retained,
  current_setting('synchronous_standby_names') AS synchronous,
  (SELECT count(*)::int FROM pg_stat_activity WHERE usename = '${roles.mail}') AS mail_sessions
FROM (SELECT pg_is_in_recovery() AS replica) r`;

/** Named, so that a session plans it once: planning it costs a server ten times what answering it does (7.9 and 0.7 ms, measured). */
const STATUS = { name: 'status', text: status(selectEpoch) };
/** Of a server that holds no table of epochs yet: a statement that names it would fail. */
const STATUS_BEFORE_EPOCHS = { name: 'status-before-epochs', text: status('NULL::float8') };

export type ObserveContext = {
  /** Whom the posture says to follow. */
  readonly upstream: { readonly member: string; readonly endpoint: MemberEndpoint } | null;
  /** Highest timeline ever received in this life of the server: the control file lags behind. */
  readonly knownTimeline: number;
  /**
   * Process of the last receiver that said its upstream sends: the status is "streaming" before the upstream agrees. null:
   * nobody reads the server's log, and its status has to do.
   */
  readonly streamingPid: (() => number) | null;
  /** Timeline of the upstream, where it was asked: a stream of an older one ends at the fork and says nothing. */
  readonly upstreamTimeline: number;
  /** Whether the repository has its table of epochs. */
  readonly hasEpochs: boolean;
};

/** Asks a running server for everything a report needs. */
export async function observeServer(client: Client, context: ObserveContext): Promise<Observation> {
  const [row] = (await client.query<Row>(context.hasEpochs ? STATUS : STATUS_BEFORE_EPOCHS)).rows;
  if (row === undefined) throw new Error('the status query gave no row');
  const received = (row.replica ? row.received : row.flushed) ?? '0/0';
  return {
    mailSessions: row.mail_sessions,
    retainedBytes: row.retained === null ? null : Math.max(0, row.retained),
    replication: {
      role: row.replica ? 'replica' : 'primary',
      systemIdentifier: row.system_identifier,
      timeline: timelineOf(row, context),
      received,
      applied: row.replica ? (row.applied ?? '0/0') : received,
      epoch: row.epoch,
      upstream: row.replica ? upstreamOf(row, context) : null,
      standbys: row.standbys.map((standby) => ({
        member: standby.name,
        streaming: standby.state === 'streaming',
        synchronous: standby.sync_state === 'sync' || standby.sync_state === 'quorum',
        received: standby.flush_lsn,
      })),
      synchronous: parseSynchronousNames(row.synchronous),
    },
  };
}

function timelineOf(row: Row, context: ObserveContext): number {
  if (row.primary_timeline !== null) return row.primary_timeline;
  return Math.max(row.recovery_timeline, row.received_timeline ?? 0, context.knownTimeline);
}

function upstreamOf(row: Row, context: ObserveContext): Observation['replication']['upstream'] {
  const agreed =
    row.receiver?.status === 'streaming' && (context.streamingPid?.() ?? row.receiver.pid) === row.receiver.pid;
  const streaming = agreed && (row.received_timeline ?? 0) >= context.upstreamTimeline;
  if (context.upstream === null && !streaming) return null;
  const silentMs = row.receiver?.silent_ms ?? null;
  return context.upstream === null
    ? { member: null, streaming, silentMs }
    : { member: context.upstream.member, endpoint: context.upstream.endpoint, streaming, silentMs };
}
