import type { Client, DatabaseError } from 'pg';
import type { UpstreamLog } from './divergence.ts';
import { slotName } from './slot-name.ts';
import { parseTimelineHistory, type TimelineSwitch } from './timeline-history.ts';

type SystemRow = { systemid: string; timeline: number | string; xlogpos: string };

const DUPLICATE_OBJECT = '42710';

/** What a member's log looks like from outside, over a session of the replication protocol. */
export async function readUpstreamLog(replication: Client): Promise<UpstreamLog> {
  const [system] = (await replication.query<SystemRow>('IDENTIFY_SYSTEM')).rows;
  if (system === undefined) throw new Error('IDENTIFY_SYSTEM gave no row');
  const timeline = Number(system.timeline);
  return {
    systemIdentifier: system.systemid,
    timeline,
    position: system.xlogpos,
    history: timeline === 1 ? [] : await readHistory(replication, timeline),
  };
}

async function readHistory(replication: Client, timeline: number): Promise<TimelineSwitch[]> {
  const [row] = (await replication.query<{ content: Buffer | string }>(`TIMELINE_HISTORY ${timeline}`)).rows;
  return parseTimelineHistory(row?.content.toString() ?? '');
}

/** Makes the upstream keep log for `member` from now on; one that does already is left as it is. */
export async function reserveSlot(replication: Client, member: string): Promise<void> {
  try {
    await replication.query(`CREATE_REPLICATION_SLOT ${slotName(member)} PHYSICAL (RESERVE_WAL)`);
  } catch (error) {
    if ((error as DatabaseError).code !== DUPLICATE_OBJECT) throw error;
  }
}
