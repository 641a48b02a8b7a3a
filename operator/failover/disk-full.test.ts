import { expect, test } from 'vitest';
import { buildInput, type Looks } from '../test-support/build-input.ts';
import { type Decision, decide } from './decide.ts';

// A primary that ended because its volume is full: one promotion is tried, and no more until a person made room.

/** The decision after the primary a ended by itself, with promotions so many seconds ago. */
function decided(cause: Looks['cause'], promotedSecondsAgo: readonly number[]): Decision {
  const ended: Looks = { state: 'exited', granted: null, fence: 'NoGrant', ...(cause === undefined ? {} : { cause }) };
  const input = buildInput({ a: ended });
  const promotions = promotedSecondsAgo.map((seconds) => input.now - seconds * 1_000);
  return decide({ ...input, record: { ...input.record, promotions } });
}

test('its volume may be the only one that is full: a replica is promoted, and the reason is told', () => {
  const operation = { kind: 'Failover', from: 'a', reason: expect.stringContaining('no disk space left') };
  expect(decided('DiskFull', [])).toMatchObject({ kind: 'begin', operation });
});

test.each([[[3]], [[500, 300]]])(
  'after promotions %j seconds ago it is started in place, not replaced',
  (promotions) => {
    const actions = [{ kind: 'command', member: 'a', command: { kind: 'grant' } }];
    const why = 'the server ended (no disk space left)';
    expect(decided('DiskFull', promotions)).toEqual({ kind: 'upkeep', actions, why, code: null });
  },
);

test('what a full disk brought about long ago, or another end, holds nobody back', () => {
  expect(decided('DiskFull', [700])).toMatchObject({ kind: 'begin' });
  expect(decided(undefined, [3])).toMatchObject({ kind: 'begin' });
});
