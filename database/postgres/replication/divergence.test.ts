import { expect, test } from 'vitest';
import { divergence, type OwnEnd, type UpstreamLog } from './divergence.ts';
import { parseTimelineHistory } from './timeline-history.ts';

const own: OwnEnd = { systemIdentifier: '7', timeline: 1, position: '0/3000100', exact: true };
const upstream: UpstreamLog = {
  systemIdentifier: '7',
  timeline: 2,
  position: '0/5000000',
  history: parseTimelineHistory('1\t0/3000100\tno recovery target specified\n'),
};

test.each<[string, { own?: Partial<OwnEnd>; upstream?: Partial<UpstreamLog> }, ReturnType<typeof divergence>]>([
  ['ends where the upstream left its timeline', {}, 'follows'],
  ['ends before it', { own: { position: '0/2FFFFFF' } }, 'follows'],
  ['has one byte more', { own: { position: '0/3000101' } }, 'diverged'],
  ['has more, whatever else has not been read', { own: { position: '0/4000000', exact: false } }, 'diverged'],
  ['may have more', { own: { exact: false } }, 'unknown'],
  ['is on a later timeline', { own: { timeline: 3 } }, 'diverged'],
  ['is on no ancestor', { upstream: { timeline: 3, history: [{ timeline: 2, end: '0/4' }] } }, 'diverged'],
  ['belongs to another repository', { own: { systemIdentifier: '8' } }, 'diverged'],
  ['is on the same timeline, behind', { own: { timeline: 2 } }, 'follows'],
  ['is on the same timeline, ahead', { own: { timeline: 2, position: '0/5000001' } }, 'diverged'],
])('a log that %s', (_, change, expected) => {
  expect(divergence({ ...own, ...change.own }, { ...upstream, ...change.upstream })).toBe(expected);
});

test('a history file: an ancestor a line, comments and blanks between', () => {
  const content = '1\t0/3000110\tno recovery target specified\n\n# hand made\n 2 \t0/4A000\treason\n';
  expect(parseTimelineHistory(content)).toEqual([
    { timeline: 1, end: '0/3000110' },
    { timeline: 2, end: '0/4A000' },
  ]);
});
