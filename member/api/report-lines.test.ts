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

test('the first whole, then what is new', () => {
  const lines = new ReportLines();
  const said = told.map((each) => JSON.parse(lines.of(each)));
  expect(said).toEqual([told[0], { beat: 2, since: 1 }, told[2], { beat: 4, since: 3, retainedBytes: 5 }]);
});

test('a line each', () => {
  const lines = new ReportLines();
  for (const each of told) expect(lines.of(each)).toMatch(/^[^\n]+$/);
});
