import type { Client, DatabaseError } from 'pg';
import type { UpstreamLog } from '#database/postgres/replication/divergence.ts';
import { slotName } from '#database/postgres/replication/slot-name.ts';
import { parseTimelineHistory, type TimelineSwitch } from '#database/postgres/replication/timeline-history.ts';

type SystemRow = { systemid: string; timeline: number | string; xlogpos: string };

const DUPLICATE_OBJECT = '42710';
const UNDEFINED_OBJECT = '42704';

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
  await unless(
    DUPLICATE_OBJECT,
    replication.query(`CREATE_REPLICATION_SLOT ${slotName(member)} PHYSICAL (RESERVE_WAL)`),
  );
}

/** The same for a member whose data is made anew: an older slot may have lost its log, or keep far more than is needed. */
export async function renewSlot(replication: Client, member: string): Promise<void> {
  await unless(UNDEFINED_OBJECT, replication.query(`DROP_REPLICATION_SLOT ${slotName(member)} WAIT`));
  await reserveSlot(replication, member);
}

async function unless(code: string, work: Promise<unknown>): Promise<void> {
  await work.catch((error: DatabaseError) => {
    if (error.code !== code) throw error;
  });
}
