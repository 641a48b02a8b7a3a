import { expect, test } from 'vitest';
import { logText } from './log-text.ts';

test('our own lines for people, others as they are', () => {
  const line = {
    level: 40,
    time: 1_795_740_344_134,
    program: 'imapd',
    pid: 7,
    pod: 'imapd-0',
    code: 'WriterLost',
    msg: 'x',
  };
  expect(logText(JSON.stringify(line), false)).toBe('2026-11-27T00:45:44.134Z WARN  imapd-0: x code=WriterLost');
  for (const other of ['LOG:  database system is ready', '{"a":1}', '{"msg":', '']) expect(logText(other)).toBe(other);
});
