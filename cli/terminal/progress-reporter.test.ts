import { expect, test } from 'vitest';
import { pause } from '#runtime/deadline.ts';
import type { ImportCounts } from '../import/run-import.ts';
import { ProgressReporter } from './progress-reporter.ts';

function stream(isTTY: boolean, columns = 120) {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { stream: { isTTY, columns, write } as unknown as NodeJS.WriteStream, written };
}
const counts = (bytes: number, stored: number): ImportCounts => ({ bytes, stored, repeated: 1, failures: [] });
const CLEAR_LINE = '\r\u001b[K';

test('on a terminal one line is drawn again and again, not for every message, and taken away at the end', async () => {
  const { stream: tty, written } = stream(true);
  const reporter = new ProgressReporter(4 << 20, tty);
  reporter.update(counts(1 << 20, 9));
  reporter.update(counts(2 << 20, 19));
  expect(written).toEqual([
    expect.stringMatching(/^\r.\[K\[#{6}-{18}\] {2}25 % {2}10 messages {2}\d+\/s {2}1\.0 MiB {2}\d+ s left$/),
  ]);
  await pause(110);
  reporter.update(counts(4 << 20, 29));
  expect(written.at(-1)).toMatch(/\[#{24}\] 100 % {2}30 messages .* 4\.0 MiB {2}0 s left$/);
  reporter.clear();
  expect(written).toHaveLength(3);
  expect(written.at(-1)).toBe(CLEAR_LINE);
});

test('a narrow terminal is not made to wrap', () => {
  const { stream: tty, written } = stream(true, 40);
  new ProgressReporter(100, tty).update(counts(50, 5));
  expect(written[0]?.replace(CLEAR_LINE, '')).toHaveLength(39);
});

test('elsewhere nothing is said', () => {
  const { stream: file, written } = stream(false);
  const reporter = new ProgressReporter(100, file);
  reporter.update(counts(50, 5));
  reporter.clear();
  expect(written).toEqual([]);
});
