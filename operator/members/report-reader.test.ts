import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { agentReport } from '../kubernetes/members/test-support/agent-report.ts';
import { ReportReader } from './report-reader.ts';

const first = agentReport({
  member: memberName('a0'),
  state: 'running',
  upstream: memberName('a1'),
  streaming: true,
});

const reading = (...lines: readonly object[]): unknown[] => {
  const reader = new ReportReader();
  return lines.map((line) => reader.read(JSON.stringify(line)));
};

test('beats move the figures of the last whole report, each by itself', () => {
  const [, moved, back] = reading(first, { beat: 2, since: 1, latencyMs: 9, silentMs: 800 }, { beat: 3, since: 1 });
  expect(moved).toEqual({
    ...first,
    sequence: 2,
    probe: { ...first.probe, latencyMs: 9 },
    replication: { ...first.replication, upstream: { ...first.replication?.upstream, silentMs: 800 } },
  });
  expect(back).toEqual({ ...first, sequence: 3 });
});

test('a new whole report is what beats are of from then on', () => {
  const exited = { ...first, sequence: 2, state: 'exited', replication: null };
  expect(reading(first, exited, { beat: 3, since: 2 })[2]).toEqual({ ...exited, sequence: 3 });
  expect(() => reading(first, exited, { beat: 3, since: 1 })).toThrow('report 1');
});

test.each<[string, readonly object[]]>([
  ['a beat of a report that nobody told', [{ beat: 2, since: 1 }]],
  ['a beat with a figure that this version does not know', [first, { beat: 2, since: 1, weight: 3 }]],
  ['a beat with a figure of another kind', [first, { beat: 2, since: 1, latencyMs: '3' }]],
  ['a report that lacks something', [{ ...first, bootId: undefined }]],
  ['something else', [['beat']]],
])('what cannot be understood is no report: %s', (_, lines) => {
  expect(() => reading(...lines)).toThrow();
});
