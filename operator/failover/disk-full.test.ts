import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { buildInput, type Looks } from '../test-support/build-input.ts';
import { startSimulation } from '../test-support/simulated-cluster.ts';
import { type DecideInput, type Decision, decide } from './decide.ts';
import { isDownForSpace } from './is-down-for-space.ts';

const a = memberName('a');

// A primary that ended because its volume is full: one promotion is tried, and no more until a person made room.

/** The primary a ended by itself, with promotions so many seconds ago. */
function inputOf(cause: Looks['cause'], promotedSecondsAgo: readonly number[]): DecideInput {
  const ended: Looks = { state: 'exited', granted: null, fence: 'NoGrant', ...(cause === undefined ? {} : { cause }) };
  const input = buildInput({ a: ended });
  const promotions = promotedSecondsAgo.map((seconds) => input.now - seconds * 1_000);
  return { ...input, record: { ...input.record, promotions } };
}

const decided = (...scene: Parameters<typeof inputOf>): Decision => decide(inputOf(...scene));

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

test.each<{ what: string; cause: Looks['cause']; promoted: readonly number[]; told: boolean }>([
  { what: 'somebody takes over: they wait for that', cause: 'DiskFull', promoted: [], told: false },
  { what: 'nobody does: to wait is of no use', cause: 'DiskFull', promoted: [3], told: true },
  { what: 'it ended for another reason', cause: undefined, promoted: [3], told: false },
])('imapd is told that there is no space: $what', ({ cause, promoted, told }) => {
  const input = inputOf(cause, promoted);
  const moment = { decision: decide(input), observation: input.observation };
  expect(isDownForSpace(input.record, moment)).toBe(told);
});

test('nor is it told of a server that runs again, or of one under a change of primary', () => {
  const input = inputOf('DiskFull', [3]);
  const decision = decide(input);
  const ended = input.observation.members.get(a)!;
  const running = { ...ended, report: { ...ended.report!, state: 'running' as const } };
  const observation = { ...input.observation, members: new Map([[a, running]]) };
  expect(isDownForSpace(input.record, { decision, observation })).toBe(false);
  const begun = decide(inputOf('DiskFull', []));
  const operation = begun.kind === 'begin' ? begun.operation : null;
  expect(operation).not.toBeNull();
  expect(isDownForSpace({ ...input.record, operation }, { decision, observation: input.observation })).toBe(false);
});

test('imapd hears it with the next heartbeat, and hears when it is over', async () => {
  const cluster = await startSimulation({ members: 1, durability: { mode: 'Async', whenDegraded: 'Hold' } });
  expect(cluster.toldFull).toBe(false);
  cluster.primary.endsFor = 'DiskFull';
  cluster.primary.kill();
  expect(await cluster.until(() => cluster.toldFull, 3_000)).toBe(true);
  cluster.primary.endsFor = null;
  expect(await cluster.until(() => cluster.write(), 30_000)).toBe(true);
  expect(await cluster.until(() => !cluster.toldFull, 3_000)).toBe(true);
  await cluster.stop();
});
