import type { Client } from 'pg';
import { compareLsn } from '#database/postgres/lsn.ts';
import { isMemberSlot, slotName } from './slot-name.ts';

export type Slot = { name: string; active: boolean; restart: string | null; lost: boolean };

export type SlotPlan = {
  readonly create: readonly string[];
  readonly drop: readonly string[];
  readonly advance: readonly { name: string; to: string }[];
};

/**
 * What to do about the slots of a member that shall keep log for `members`. A lost slot keeps nothing: it is made anew.
 * Slots are not replicated, so that every member keeps its own; on a replica nobody streams from them, and they follow
 * the positions the others report, never past what is applied here. Where a position is not known the slot stays.
 */
export function planSlots(
  slots: readonly Slot[],
  members: readonly string[],
  known: { readonly received: ReadonlyMap<string, string>; readonly applied: string },
): SlotPlan {
  const wanted = new Map(members.map((member) => [slotName(member), known.received.get(member)]));
  const ours = slots.filter((slot) => isMemberSlot(slot.name));
  const drop = ours.filter((slot) => !slot.active && (slot.lost || !wanted.has(slot.name))).map((slot) => slot.name);
  const kept = ours.filter((slot) => !drop.includes(slot.name));
  const create = [...wanted.keys()].filter((name) => !kept.some((slot) => slot.name === name));
  const advance = kept.flatMap((slot) => {
    const received = wanted.get(slot.name);
    if (received === undefined || slot.active || slot.restart === null) return [];
    const to = compareLsn(received, known.applied) < 0 ? received : known.applied;
    return compareLsn(to, slot.restart) > 0 ? [{ name: slot.name, to }] : [];
  });
  return { create, drop, advance };
}

const LIST = `SELECT slot_name AS name, active, restart_lsn::text AS restart, wal_status = 'lost' AS lost
FROM pg_replication_slots WHERE slot_type = 'physical'`;

const POSITION = `SELECT pg_is_in_recovery() AS replica, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
ELSE pg_current_wal_flush_lsn() END::text AS applied`;

export async function keepSlots(
  admin: Client,
  members: readonly string[],
  received: ReadonlyMap<string, string>,
): Promise<void> {
  const slots = (await admin.query<Slot>(LIST)).rows;
  const [position] = (await admin.query<{ replica: boolean; applied: string }>(POSITION)).rows;
  if (position === undefined) return;
  // On a primary each slot is moved by the replica that streams from it; one that is away must find its log.
  const known = { received: position.replica ? received : new Map<string, string>(), applied: position.applied };
  const plan = planSlots(slots, members, known);
  for (const name of plan.drop) await admin.query('SELECT pg_drop_replication_slot($1)', [name]);
  for (const name of plan.create) await admin.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
  for (const { name, to } of plan.advance) {
    await admin.query('SELECT pg_replication_slot_advance($1, $2::pg_lsn)', [name, to]);
  }
}
