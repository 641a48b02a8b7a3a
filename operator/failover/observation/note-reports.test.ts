import { expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import type { HeardMember, MemberSighting } from '../../ports.ts';
import { buildInput, type Looks } from '../../test-support/build-input.ts';
import { LagTracker } from './lag-tracker.ts';
import { noteReports } from './note-reports.ts';
import { SightingNews } from './sighting-news.ts';

// Promise: whether all members are looked at or only the one of which something was heard, the same is told and remembered.

const [A, B, C] = ['a', 'b', 'c'].map(memberName) as [MemberName, MemberName, MemberName];

/** a is the primary, b and c stream from it; except for what is said of b. */
function sightings(b: Looks = {}): Map<MemberName, MemberSighting> {
  const { members } = buildInput({ b }).observation;
  return new Map(
    [...members].map(([name, { connected, failure, report, platform }]) => [
      name,
      { connected, failure, report, reportedAt: 0, platform },
    ]),
  );
}

/** That member's report, later, with its log there. */
function beaten(seen: ReadonlyMap<MemberName, MemberSighting>, name: MemberName, received: string): MemberSighting {
  const sighting = seen.get(name);
  if (sighting?.report?.replication == null) throw new Error(`${name} has no report`);
  const replication = { ...sighting.report.replication, received };
  const report = { ...sighting.report, sequence: sighting.report.sequence + 1, replication };
  return { ...sighting, report, reportedAt: (sighting.reportedAt ?? 0) + 1_000 };
}

const nothingElse = (): never => {
  throw new Error('all were looked at');
};

const memory = (): { news: SightingNews; lag: LagTracker } => ({
  news: new SightingNews([1_500]),
  lag: new LagTracker(),
});

test.each([
  [A, '0/500', false],
  [B, '0/450', false],
  [C, '0/500', false],
])('a heartbeat of %s', (name, received, isNews) => {
  const [one, other] = [memory(), memory()];
  const seen = sightings();
  for (const each of [one, other]) noteReports(each, A, { heard: undefined, all: () => seen });
  const ahead = new Map([...seen, [A, beaten(seen, A, '0/480')] as const]);
  for (const each of [one, other]) noteReports(each, A, { heard: undefined, all: () => ahead });
  const heard: HeardMember = { member: name, sighting: beaten(ahead, name, received) };
  const after = new Map([...ahead, [name, heard.sighting] as const]);
  const looked = noteReports(one, A, { heard, all: name === A ? () => after : nothingElse });
  expect([looked, noteReports(other, A, { heard: undefined, all: () => after })]).toEqual([isNews, isNews]);
  expect(one.lag.lagSeconds()).toEqual(other.lag.lagSeconds());
  expect(one.lag.lagSeconds().size).toBeGreaterThan(0);
});

test.each<Looks>([
  { state: 'exited' },
  { streaming: false },
  { upstreamSilentMs: 1_500 },
  { gone: 'timeout' },
  { leaving: true },
  { platform: { endedMs: 5_000 } },
])('news of a replica: %o, once', (looks) => {
  const known = memory();
  noteReports(known, A, { heard: undefined, all: () => sightings() });
  const sighting = sightings(looks).get(B);
  if (sighting === undefined) throw new Error('no b');
  const heard = { member: B, sighting };
  expect(noteReports(known, A, { heard, all: nothingElse })).toBe(true);
  expect(noteReports(known, A, { heard, all: nothingElse })).toBe(false);
  expect(noteReports(known, A, { heard: undefined, all: () => sightings(looks) })).toBe(false);
});

test('a member that was not seen before is news', () => {
  const known = memory();
  const seen = sightings();
  noteReports(known, A, { heard: undefined, all: () => new Map([...seen].slice(0, 2)) });
  const sighting = seen.get(C);
  if (sighting === undefined) throw new Error('no c');
  expect(noteReports(known, A, { heard: { member: C, sighting }, all: nothingElse })).toBe(true);
});

test('where no primary is known each is looked at alone', () => {
  const known = memory();
  const seen = sightings();
  noteReports(known, null, { heard: undefined, all: () => seen });
  expect(noteReports(known, null, { heard: { member: A, sighting: beaten(seen, A, '0/500') }, all: nothingElse })).toBe(
    false,
  );
  expect(known.lag.lagSeconds()).toEqual(new Map());
});
