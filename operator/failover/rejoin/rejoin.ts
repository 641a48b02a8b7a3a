import type { MemberName } from '#contract/names.ts';
import type { TaskEnd } from '../../partition/background.ts';
import { memberSpec } from '../../partition/partition-spec.ts';
import type { PartitionRecord, Rejoining, RejoinStep } from '../../partition/record.ts';
import { respite } from '../../partition/respite.ts';
import type { MemberOutcome } from '../../ports.ts';
import { agentOf } from './agent-of.ts';
import { isSameProblem } from './is-same-problem.ts';
import { isOwnDisk, mayHaveDonor } from './may-have-donor.ts';
import { prepareDonor } from './prepare-donor.ts';
import { type RejoinContext, sendTo as send } from './rejoin-context.ts';

/**
 * Takes one member back, as far as it gets (the steps: `Rejoining`). While it is on its way it is neither read from nor
 * elected.
 */
export async function rejoin(member: MemberName, context: RejoinContext): Promise<TaskEnd> {
  await giveRespite(context);
  for (;;) {
    const entry = context.record().rejoining.find((candidate) => candidate.member === member);
    if (entry === undefined || context.signal.aborted) return 'done';
    context.crashPoint(`rejoin.${entry.step}:before`);
    const moved = await takeStep(entry, context);
    if (!moved) return 'again';
    context.crashPoint(`rejoin.${entry.step}:after-persist`);
  }
}

/** A server that starts takes processor and disk from those who were held while the primary changed, and write now. */
async function giveRespite({ ports, record, tuning, signal }: RejoinContext): Promise<void> {
  // A change that is under way may need this very member.
  if (record().operation !== null) return;
  const { clock } = ports;
  await clock.sleep(respite(record(), { now: clock.now(), respiteMs: tuning.respiteMs }), signal);
}

/** True when the record has moved on. */
async function takeStep(entry: Rejoining, context: RejoinContext): Promise<boolean> {
  switch (entry.step) {
    case 'follow':
      return await follow(entry, context);
    case 'salvage':
      return await salvage(entry, context);
    case 'rewind':
      return await rewind(entry, context);
    case 'clone':
      return await clone(entry, context);
  }
}

/** Opens the old primary for the salvage role alone, and lets imapd bring back what only that server has. */
async function salvage(entry: Rejoining, context: RejoinContext): Promise<boolean> {
  const { spec, ports, tuning, signal } = context;
  if (context.record().operation !== null) return await hindered(entry, context, 'nobody serves writes yet');
  const opened = await send(entry.member, { kind: 'openForSalvage' }, { context, deadlineMs: tuning.slowCommandMs });
  // Its data is gone, as where a person has given up what salvage could not decide about.
  if (!opened.ok && opened.failure === 'impossible' && opened.code === 'NoData')
    return await next(entry, context, 'clone');
  if (!opened.ok) return await hindered(entry, context, `${opened.code}: ${opened.message}`);
  const writer = primaryOf(context);
  const from = { member: entry.member, endpoint: memberSpec(spec, entry.member).endpoint, lastEpoch: entry.lastEpoch };
  const { name: partition, database } = spec;
  const { epoch } = context.record();
  const outcome = await ports.jobs.run({ kind: 'salvage', partition, database, epoch, writer, from }, signal);
  if (!outcome.ok) {
    const { message } = outcome;
    const problem = `salvage: ${message}`;
    // Tried again and again: told once for each way in which it fails.
    if (!isSameProblem(entry.problem, problem) && !signal.aborted) {
      ports.events.emit({ code: 'SalvageFailed', partition, message, fields: { member: entry.member } });
    }
    return await hindered(entry, context, problem);
  }
  await done(entry, context, (record) => ({
    rejoining: replaced(record, { ...entry, step: 'rewind', problem: null }),
    ...withSalvaged(record, entry, outcome.result),
  }));
  const { errant } = context.record().members.find(({ name }) => name === entry.member) ?? {};
  const fields = { member: entry.member, result: outcome.result, ...(errant === undefined ? {} : { errant }) };
  ports.events.emit({ code: 'SalvageFinished', partition, fields });
  return true;
}

/** Nothing is lost where the old primary's log is a part of the new one's; the agent leaves a diverged one as it was. */
async function follow(entry: Rejoining, context: RejoinContext): Promise<boolean> {
  const command = { kind: 'follow', upstream: primaryOf(context) } as const;
  const outcome = await send(entry.member, command, { context, deadlineMs: context.tuning.slowCommandMs });
  if (outcome.ok) return await back(entry, context, { messages: 0, flags: 0, skipped: 0 });
  const step = outcome.failure === 'impossible' ? afterFollow(entry, outcome.code) : null;
  if (step === null) return await hindered(entry, context, `${outcome.code}: ${outcome.message}`);
  return await next(entry, context, step);
}

/** null: it says nothing of the two logs, so nothing is thrown away for it. `NotReplica`: by SQL nothing else turns a primary into one. */
function afterFollow(entry: Rejoining, code: string): RejoinStep | null {
  if (code === 'NoData') return 'clone';
  if (!['Diverged', 'LogRemoved', 'NotReplica'].includes(code)) return null;
  return entry.lastEpoch > 0 ? 'salvage' : 'rewind';
}

async function rewind(entry: Rejoining, context: RejoinContext): Promise<boolean> {
  const command = { kind: 'rewind', from: primaryOf(context) } as const;
  const outcome = await send(entry.member, command, { context, deadlineMs: context.tuning.copyCommandMs });
  if (outcome.ok) return await back(entry, context);
  const isUnknown = outcome.failure === 'unreachable' || outcome.failure === 'stale' || outcome.code === 'Superseded';
  // Without room a copy gets no further, and would wipe data that may not have been touched. Where it was, the next try is
  // told that there is none (NoData).
  if (isUnknown || outcome.code === 'DiskFull')
    return await hindered(entry, context, `${outcome.code}: ${outcome.message}`);
  // Whatever pg_rewind lacks or trips over, a copy has not.
  return await next(entry, context, 'clone');
}

/** Of a replica where there is one that is well, of the primary where not, or where the last try says so. */
async function clone(entry: Rejoining, context: RejoinContext): Promise<boolean> {
  // Whoever led before may have begun it: then it is done, or still copied.
  const isBegun = entry.problem === null && entry.donor !== undefined;
  if (isBegun && (await streams(entry.member, context))) return await back(entry, context);
  const donor = mayHaveDonor(entry) ? await prepareDonor(entry.member, context) : null;
  const ofDonor = await noted(entry, context, donor);
  const copied = await copyOf(donor, ofDonor, context);
  if (copied.ok) return await back(ofDonor, context);
  // Who does not answer may be copying.
  const isUnknown = copied.failure === 'unreachable' || copied.failure === 'stale' || context.signal.aborted;
  // Its own lack of room is the same wherever the copy comes from.
  const isItsOwn = copied.code === 'DiskFull' && isOwnDisk(copied.message);
  if (donor === null || isUnknown || isItsOwn)
    return await hindered(ofDonor, context, `${copied.code}: ${copied.message}`);
  context.ports.log.debug({ member: entry.member, donor, copied }, 'not copied of a replica');
  // An agent of before refuses what it does not know; asked again it would again.
  const refused = copied.failure === 'invalid' ? { ...ofDonor, takesNoDonor: true } : ofDonor;
  const ofPrimary = await noted(refused, context, null);
  const outcome = await copyOf(null, ofPrimary, context);
  return outcome.ok
    ? await back(ofPrimary, context)
    : await hindered(ofPrimary, context, `${outcome.code}: ${outcome.message}`);
}

async function copyOf(donor: MemberName | null, { member }: Rejoining, context: RejoinContext): Promise<MemberOutcome> {
  const { spec } = context;
  const from = primaryOf(context);
  const source = donor === null ? {} : { source: { member: donor, endpoint: memberSpec(spec, donor).endpoint } };
  const command = { kind: 'clone', from, ...source, ...agentOf(spec, donor ?? from.member), wipe: true } as const;
  return await send(member, command, { context, deadlineMs: context.tuning.copyCommandMs });
}

/** Records of whom it is copied; null: of the primary. */
async function noted(entry: Rejoining, context: RejoinContext, donor: MemberName | null): Promise<Rejoining> {
  if ((entry.donor ?? null) === donor || context.signal.aborted) return entry;
  const { donor: _, ...rest } = entry;
  const next = donor === null ? rest : { ...rest, donor };
  await context.change((record) => ({ rejoining: replaced(record, next) }));
  return next;
}

async function next(entry: Rejoining, context: RejoinContext, step: RejoinStep): Promise<boolean> {
  await done(entry, context, (record) => ({ rejoining: replaced(record, { ...entry, step, problem: null }) }));
  return true;
}

/** It follows. `salvaged` where that itself tells that there was nothing to salvage. */
async function back(entry: Rejoining, context: RejoinContext, salvaged?: unknown): Promise<boolean> {
  if (!(await streams(entry.member, context))) return await hindered(entry, context, 'it does not stream yet');
  await done(entry, context, (record) => ({
    rejoining: record.rejoining.filter((other) => other.member !== entry.member),
    ...(salvaged === undefined ? {} : withSalvaged(record, entry, salvaged)),
  }));
  const fields = { member: entry.member, by: entry.step, ...(entry.donor === undefined ? {} : { from: entry.donor }) };
  context.ports.events.emit({ code: 'MemberRejoined', partition: context.spec.name, fields });
  return true;
}

/** Records what a step has brought about. */
async function done(entry: Rejoining, context: RejoinContext, change: Parameters<RejoinContext['change']>[0]) {
  context.crashPoint(`rejoin.${entry.step}:after-effect`);
  await context.change(change);
}

const STREAM_MS = 5_000;

/** The agent's word that it follows may mean that it will as soon as the primary answers. */
async function streams(member: MemberName, { ports, spec, record, signal }: RejoinContext): Promise<boolean> {
  const end = ports.clock.monotonic() + STREAM_MS;
  while (ports.clock.monotonic() < end && !signal.aborted) {
    const upstream = ports.members.observe(spec.name).get(member)?.report?.replication?.upstream;
    if (upstream?.streaming === true && upstream.member === upstreamName(record())) return true;
    await ports.clock.sleep(50, signal);
  }
  return false;
}

/** Belongs to the last change only if that is the one in which this member was lost. */
function withSalvaged(record: PartitionRecord, entry: Rejoining, salvaged: unknown): Partial<PartitionRecord> {
  const { lastChange } = record;
  return lastChange?.from === entry.member ? { lastChange: { ...lastChange, salvaged } } : {};
}

/** Notes once why it does not get on; the caller tries again. */
async function hindered(entry: Rejoining, context: RejoinContext, problem: string): Promise<boolean> {
  if (!context.signal.aborted && !isSameProblem(entry.problem, problem)) {
    await context.change((record) => ({ rejoining: replaced(record, { ...entry, problem }) }));
  }
  return false;
}

const replaced = (record: PartitionRecord, entry: Rejoining): readonly Rejoining[] =>
  record.rejoining.map((other) => (other.member === entry.member ? entry : other));

/** While a change waits for replicas, they come back to the one that is about to serve. */
const upstreamName = (record: PartitionRecord): MemberName | null => record.operation?.candidate ?? record.primary;

function primaryOf({ record, spec }: RejoinContext) {
  const primary = upstreamName(record());
  if (primary === null) throw new Error('there is no primary to follow');
  return { member: primary, endpoint: memberSpec(spec, primary).endpoint };
}
