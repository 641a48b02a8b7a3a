import { expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import type { MemberSighting } from '../../ports.ts';
import { buildInput, type Looks } from '../../test-support/build-input.ts';
import { SightingNews } from './sighting-news.ts';

// Promise: heartbeats, which come by the thousand, are nobody's concern; whatever a decision could rest on is told at once.

const SILENT_MS = 1_500;
const SILENCES = [SILENT_MS, 2 * SILENT_MS];

/** a is the primary, b and c stream from it; except for what is said of b. */
function sightings(b: Looks = {}): ReadonlyMap<MemberName, MemberSighting> {
  const { members } = buildInput({ b }).observation;
  return new Map(
    [...members].map(([name, { connected, failure, report, platform }]) => [
      name,
      { connected, failure, report, reportedAt: 0, platform },
    ]),
  );
}

function heartbeat(seen: ReadonlyMap<MemberName, MemberSighting>, name: string): typeof seen {
  const sighting = seen.get(memberName(name));
  if (sighting?.report == null) throw new Error(`${name} has no report`);
  const { replication, sequence } = sighting.report;
  const moved = replication && { ...replication, received: '0/99', applied: '0/98' };
  const report = { ...sighting.report, sequence: sequence + 1, replication: moved };
  return new Map([...seen, [memberName(name), { ...sighting, report, reportedAt: 1_000 }]]);
}

test('after a reset everything is news, as it was at first', () => {
  const news = new SightingNews(SILENCES);
  const seen = sightings();
  news.take(seen);
  news.reset();
  expect(news.take(seen)).toEqual({ fresh: new Set(['a', 'b', 'c']), isNews: true });
});

test('what is seen first is news; a heartbeat is none, and of whom it came is told', () => {
  const news = new SightingNews(SILENCES);
  const first = sightings();
  expect(news.take(first)).toEqual({ fresh: new Set(['a', 'b', 'c']), isNews: true });
  expect(news.take(first)).toEqual({ fresh: new Set(), isNews: false });
  expect(news.take(heartbeat(first, 'a'))).toEqual({ fresh: new Set(['a']), isNews: false });
});

test.each<[string, Looks]>([
  ['its server ended', { state: 'exited' }],
  ['a probe failed', { failures: 1, failure: 'timeout' }],
  ['it does not stream any more', { streaming: false }],
  ['its upstream has been silent for long', { upstreamSilentMs: SILENT_MS }],
  ['its agent fell silent', { gone: 'timeout' }],
  ['its connection was reset', { gone: 'reset' }],
  ['its agent is told to end', { leaving: true }],
  ['the platform says that its process ended', { platform: { endedMs: 5_000 } }],
])('%s: news, once', (_, looks) => {
  const news = new SightingNews(SILENCES);
  news.take(sightings());
  expect(news.take(sightings(looks)).isNews).toBe(true);
  expect(news.take(sightings(looks)).isNews).toBe(false);
  expect(news.take(sightings()).isNews).toBe(true);
});

test('a member that comes, and one that goes', () => {
  const news = new SightingNews(SILENCES);
  const all = sightings();
  const two = new Map([...all].slice(0, 2));
  news.take(two);
  expect(news.take(all).isNews).toBe(true);
  expect(news.take(two).isNews).toBe(true);
  expect(news.take(new Map([...all].slice(1))).isNews).toBe(true);
});
