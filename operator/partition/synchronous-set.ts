import type { MemberName } from '#contract/names.ts';
import { type Engine, mostRequired } from '#database/engine.ts';
import { type MemberSpec, othersThan, type PartitionSpec } from './partition-spec.ts';
import type { SynchronousSet } from './record.ts';

/**
 * May one of `detached` be promoted without losing an acknowledged commit? R + W > N: every W of the N members that
 * commits waited for share at least one with the R that are asked, so the one that is furthest has everything.
 */
export function promotionIsSafe(set: SynchronousSet, detached: readonly MemberName[]): boolean {
  if (set.required === 0) return false;
  const asked = set.members.filter((member) => detached.includes(member)).length;
  return asked + set.required > set.members.length;
}

/**
 * Replicas that make a majority of all members together with the primary: of 3 one, of 5 two. Newcomers are no members in
 * this yet: to count one that is being copied would block a failover although the others have everything.
 */
const majority = (spec: PartitionSpec): number => Math.floor(spec.members.filter(hasVote).length / 2);

/**
 * How many of them a commit waits for: those, as far as the engine can be made to. With fewer all the more members are needed for a
 * promotion, by R + W > N: of five of MariaDB, where a commit waits for one, all four that are left.
 */
export const wantedRequired = (spec: PartitionSpec): number => Math.min(majority(spec), mostRequired(spec.engine));

const hasVote = ({ newcomer }: MemberSpec): boolean => newcomer !== true;

/**
 * The set that `primary` shall keep. A majority of all members has every commit, where the engine can wait for as many.
 * Members that are away stay in it: they may acknowledge the moment they are back. `attached` matters only where
 * `whenDegraded` lets writing go on without them.
 */
export function wantedSet(spec: PartitionSpec, primary: MemberName, attached: readonly MemberName[]): SynchronousSet {
  const members = othersThan(spec, primary)
    .filter(hasVote)
    .map((member) => member.name);
  const required = wantedRequired(spec);
  if (spec.durability.mode === 'Async' || required === 0) return { required: 0, members: [] };
  const there = members.filter((member) => attached.includes(member)).length;
  if (spec.durability.whenDegraded === 'Async' && there < required) return { required: 0, members: [] };
  return { required, members };
}

export const sameSet = (
  a: { readonly required: number; readonly members: readonly string[] },
  b: { readonly required: number; readonly members: readonly string[] },
): boolean =>
  a.required === b.required &&
  a.members.length === b.members.length &&
  a.members.every((member) => b.members.includes(member));

/**
 * What may be on record while a running primary goes from `from` to `to`: nothing that either of them does not keep. Of W
 * that acknowledged, at most those that only one of the sets has are not among the common ones. Where that leaves none, all of
 * both are on record: whoever acknowledged is among them, and a promotion asks all the more.
 */
export function promiseDuring(from: SynchronousSet, to: SynchronousSet, engine: Engine): SynchronousSet {
  const members = to.members.filter((member) => from.members.includes(member));
  const keeps = (set: SynchronousSet): number => set.required - (set.members.length - members.length);
  const required = Math.min(keeps(from), keeps(to));
  if (required > 0 && !mayLinger(from, to, engine)) return { required, members };
  const fewest = Math.min(from.required, to.required);
  if (fewest > 0) return { required: fewest, members: [...new Set([...from.members, ...to.members])] };
  return { required: 0, members: bothAlike(from, to) ? members : [] };
}

/**
 * Whether the word of one who leaves may be all that a commit has: MySQL keeps what he said before he left, and where fewer are
 * waited for that is enough for a commit that waited for two. PostgreSQL counts those it knows by name at that moment.
 */
const mayLinger = (from: SynchronousSet, to: SynchronousSet, engine: Engine): boolean =>
  engine !== 'postgresql' && to.required < from.required && from.members.some((member) => !to.members.includes(member));

const bothAlike = (from: SynchronousSet, to: SynchronousSet): boolean =>
  sameSet({ ...from, required: 0 }, { ...to, required: 0 });
