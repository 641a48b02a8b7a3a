import type { MemberName } from '#contract/names.ts';
import { othersThan } from '../../partition/partition-spec.ts';
import type { MemberOutcome } from '../../ports.ts';
import { observe } from '../observation/observe.ts';
import { chooseDonor } from './choose-donor.ts';
import { type RejoinContext, sendTo as send } from './rejoin-context.ts';

/**
 * Makes a replica ready to be copied in the primary's place, and says which; null: none is, or not in time.
 *
 * A copy of a replica ends where that replica is in the log; the rest is asked of the primary, which must have it still. So both
 * are told to keep log for the member first; then there is a checkpoint, on the primary; and when the replica has applied that and
 * made it its own, a copy of it cannot end earlier (docs/adr/0018).
 */
export async function prepareDonor(member: MemberName, context: RejoinContext): Promise<MemberName | null> {
  const { spec, ports, tuning, record } = context;
  const donor = chooseDonor(member, { spec, record: record(), members: membersNow(context) });
  const { primary } = record();
  if (donor === null || primary === null) return null;
  for (const name of [primary, donor]) {
    const members = othersThan(spec, name).map((other) => other.name);
    const command = { kind: 'keepFor', members, retainBytes: spec.retainedLogBytes } as const;
    const kept = await send(name, command, { context, deadlineMs: tuning.slowCommandMs });
    if (!kept.ok) return null;
  }
  const end = ports.clock.monotonic() + tuning.donorMs;
  let after: string | null = null;
  for (const name of [primary, donor]) {
    const deadlineMs = end - ports.clock.monotonic();
    if (deadlineMs <= 0 || context.signal.aborted) return null;
    const written: MemberOutcome = await send(name, { kind: 'checkpoint', after }, { context, deadlineMs });
    // An agent of before does not know how.
    if (!written.ok || written.result.received === undefined) return null;
    after = written.result.received;
  }
  return record().operation === null && record().primary === primary ? donor : null;
}

function membersNow({ spec, ports }: RejoinContext) {
  const now = ports.clock.monotonic();
  const nothing = {
    pods: [],
    lagSeconds: new Map(),
    downSince: null,
    restartingMs: null,
    degradedSince: null,
  } as const;
  const unasked = { request: null, requestSince: null, preparation: null } as const;
  const sightings = ports.members.observe(spec.name);
  return observe({ spec, sightings, now, ...nothing, ...unasked }).members;
}
