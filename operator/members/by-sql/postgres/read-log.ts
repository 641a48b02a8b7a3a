import type { Client } from 'pg';
import { lsnToBigInt } from '#database/postgres/lsn.ts';
import type { UpstreamLog } from '#database/postgres/replication/divergence.ts';
import { slotName } from '#database/postgres/replication/slot-name.ts';
import { parseTimelineHistory } from '#database/postgres/replication/timeline-history.ts';

type Row = { systemIdentifier: string; timeline: number; position: string };

const LOG = `
SELECT (SELECT system_identifier::text FROM pg_control_system()) AS "systemIdentifier",
  CASE WHEN r.replica THEN (SELECT greatest(c.timeline_id, v.min_recovery_end_timeline)
      FROM pg_control_checkpoint() c, pg_control_recovery() v)
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline,
  CASE WHEN r.replica THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
    ELSE pg_current_wal_flush_lsn() END::text AS position
FROM (SELECT pg_is_in_recovery() AS replica) r`;

/** What the log of a server looks like to one that is to follow it. */
export async function readLog(admin: Client): Promise<UpstreamLog> {
  const [row] = (await admin.query<Row>(LOG)).rows;
  if (row === undefined) throw new Error('the server says nothing of its log');
  if (row.timeline === 1) return { ...row, history: [] };
  const file = `pg_wal/${row.timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const [history] = (
    await admin.query<{ content: string | null }>('SELECT pg_read_file($1, 0, 1048576, true) AS content', [file])
  ).rows;
  return { ...row, history: parseTimelineHistory(history?.content ?? '') };
}

const TIMELINES = `
SELECT coalesce(max(('x' || substr(name, 1, 8))::bit(32)::int), 0) AS newest FROM pg_ls_waldir()
WHERE name ~ '^[0-9A-F]{8}([0-9A-F]{16}|[.]history)$'`;

/**
 * The newest timeline of which a server has log. That of a replica's control file is as old as its last checkpoint, and whoever
 * has not seen its receiver knows no better: of two replicas the one that lags behind could pass for the newer.
 */
export async function readNewestTimeline(admin: Client): Promise<number> {
  const [row] = (await admin.query<{ newest: number }>(TIMELINES)).rows;
  return row?.newest ?? 0;
}

const SEGMENT_DIGITS = 8;

/** Name of the segment with `position`, without the timeline: log and segment, 8 hexadecimal digits each. */
export function segmentOf(position: string, segmentBytes: number): string {
  const number = lsnToBigInt(position) / BigInt(segmentBytes);
  const perLog = 0x1_0000_0000n / BigInt(segmentBytes);
  const hex = (half: bigint): string => half.toString(16).toUpperCase().padStart(SEGMENT_DIGITS, '0');
  return `${hex(number / perLog)}${hex(number % perLog)}`;
}

const OLDEST = `
SELECT (SELECT min(substr(name, 9)) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$') AS oldest,
  (SELECT setting::int FROM pg_settings WHERE name = 'wal_segment_size') AS size`;

/** Whether the server still has the log from `position` on. */
export async function hasLogFrom(admin: Client, position: string): Promise<boolean> {
  const [row] = (await admin.query<{ oldest: string | null; size: number }>(OLDEST)).rows;
  if (row === undefined || row.oldest === null) return true;
  return segmentOf(position, row.size) >= row.oldest;
}

/** Has the server keep log for `member` from now on; a slot that is there already is left as it is. */
export async function reserveSlotBySql(admin: Client, member: string): Promise<void> {
  const RESERVE = `SELECT pg_create_physical_replication_slot($1, true)
    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`;
  await admin.query(RESERVE, [slotName(member)]);
}
