import { type Client, DatabaseError } from 'pg';
import { compareLsn } from '../lsn.ts';
import { isMemberSlot, slotName } from './slot-name.ts';

export type Slot = { name: string; activePid: number | null; restart: string | null; lost: boolean };

export type SlotPlan = {
  readonly create: readonly string[];
  readonly drop: readonly string[];
  readonly advance: readonly { name: string; to: string }[];
};

export type SlotKnowledge = {
  /** How far each member has received, where it is known. */
  readonly received: ReadonlyMap<string, string>;
  readonly applied: string;
  /** Whether slots of others go: not in maintenance, since a member that is being cloned may not have been named yet. */
  readonly exactly: boolean;
};

/**
 * What to do about the slots of a member that shall keep log for `members`. A lost slot keeps nothing: it is made anew.
 * Slots are not replicated, so that every member keeps its own; on a replica nobody streams from them, and they follow
 * the positions the others report, never past what is applied here. Where a position is not known the slot stays.
 */
export function planSlots(slots: readonly Slot[], members: readonly string[], known: SlotKnowledge): SlotPlan {
  const wanted = new Map(members.map((member) => [slotName(member), known.received.get(member)]));
  const ours = slots.filter((slot) => isMemberSlot(slot.name));
  const unwanted = ours.filter((slot) => slot.lost || (known.exactly && !wanted.has(slot.name)));
  const drop = unwanted.map((slot) => slot.name);
  const kept = ours.filter((slot) => !drop.includes(slot.name));
  const create = [...wanted.keys()].filter((name) => !kept.some((slot) => slot.name === name));
  const advance = kept.flatMap((slot) => {
    const received = wanted.get(slot.name);
    if (received === undefined || slot.activePid !== null || slot.restart === null) return [];
    const to = compareLsn(received, known.applied) < 0 ? received : known.applied;
    return compareLsn(to, slot.restart) > 0 ? [{ name: slot.name, to }] : [];
  });
  return { create, drop, advance };
}

const LIST = `SELECT slot_name AS name, active_pid AS "activePid", restart_lsn::text AS restart, wal_status = 'lost' AS lost
FROM pg_replication_slots WHERE slot_type = 'physical'`;

const POSITION = `SELECT pg_is_in_recovery() AS replica, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
ELSE pg_current_wal_flush_lsn() END::text AS applied`;

export type KeepOptions = { readonly members: readonly string[] } & Pick<SlotKnowledge, 'received' | 'exactly'>;

export async function keepSlots(admin: Client, options: KeepOptions): Promise<void> {
  const { members, exactly } = options;
  const slots = (await admin.query<Slot>(LIST)).rows;
  const [position] = (await admin.query<{ replica: boolean; applied: string }>(POSITION)).rows;
  if (position === undefined) return;
  // On a primary each slot is moved by the replica that streams from it; one that is away must find its log.
  const received = position.replica ? options.received : new Map<string, string>();
  const known = { received, applied: position.applied, exactly };
  const plan = planSlots(slots, members, known);
  for (const name of plan.drop) await dropSlot(admin, name);
  for (const name of plan.create) await admin.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
  for (const { name, to } of plan.advance) {
    await admin.query('SELECT pg_replication_slot_advance($1, $2::pg_lsn)', [name, to]);
  }
}

/** SQLSTATE object_in_use. */
const IN_USE = '55006';
/** A replica that is turned away comes back within its wal_retrieve_retry_interval: now and then right between two statements. */
const DROPS = 10;

/** A sender that still holds the slot is ended first; it answers no client. */
async function dropSlot(admin: Client, name: string): Promise<void> {
  const HOLDER = 'SELECT pg_terminate_backend(active_pid, 1000) FROM pg_replication_slots WHERE slot_name = $1';
  for (let tried = 1; ; tried += 1) {
    await admin.query(`${HOLDER} AND active_pid IS NOT NULL`, [name]);
    try {
      await admin.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
        name,
      ]);
      return;
    } catch (error) {
      const inUse = error instanceof DatabaseError && error.code === IN_USE;
      if (!inUse || tried === DROPS) throw error;
    }
  }
}
