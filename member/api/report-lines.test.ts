import { expect, test } from 'vitest';
import type { AgentReport } from '#contract/agent-report.ts';
import { replicaReport } from '#contract/test-support/replica-report.ts';
import { ReportLines } from './report-lines.ts';

const report = (sequence: number, change: Partial<AgentReport> = {}): AgentReport => ({
  ...replicaReport,
  sequence,
  ...change,
});
const told = [
  report(1),
  report(2),
  report(3, { fence: 'Isolated' }),
  report(4, { fence: 'Isolated', retainedBytes: 5 }),
];

const said = (beats: boolean): unknown[] => {
  const lines = new ReportLines(beats);
  return told.map((each) => JSON.parse(lines.of(each)));
};

test('to a reader that knows beats: the first whole, then what is new', () => {
  expect(said(true)).toEqual([told[0], { beat: 2, since: 1 }, told[2], { beat: 4, since: 3, retainedBytes: 5 }]);
});

test('to a reader of before: every one whole', () => {
  expect(said(false)).toEqual(told);
});

test('a line each', () => {
  const lines = new ReportLines(true);
  for (const each of told) expect(lines.of(each)).toMatch(/^[^\n]+\n$/);
});
