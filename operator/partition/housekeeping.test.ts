import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import type { MemberControl, MemberOutcome, MemberRequest } from '../ports.ts';
import { buildInput } from '../test-support/build-input.ts';
import { defaultTuning } from '../tuning.ts';
import { Housekeeping } from './housekeeping.ts';
import type { PartitionSpec } from './partition-spec.ts';

const [A, B, C] = ['a', 'b', 'c'].map(memberName) as [MemberName, MemberName, MemberName];
const done: MemberOutcome = { ok: true, result: { kind: '' } };
const { spec: three, record, observation } = buildInput();
const two: PartitionSpec = { ...three, members: three.members.filter(({ name }) => name !== C) };

let sent: MemberRequest[];
let answer: MemberOutcome;
let housekeeping: Housekeeping;

beforeEach(() => {
  sent = [];
  answer = done;
  const agents: MemberControl = {
    observe: () => new Map(),
    onChange: () => () => undefined,
    send: async (request) => {
      sent.push(request);
      return answer;
    },
  };
  housekeeping = new Housekeeping(agents, defaultTuning);
});

/** One look, at the report of this number; returns who was told to keep log for whom. */
async function tend(spec: PartitionSpec, sequence = 1, bootId = 'boot'): Promise<Record<string, readonly string[]>> {
  sent = [];
  const members = new Map(
    [...observation.members].map(([name, member]) => {
      const report = member.report === null ? null : { ...member.report, sequence, bootId };
      return [name, { ...member, report }] as const;
    }),
  );
  housekeeping.tend(spec, { observation: { ...observation, members }, record });
  await setImmediate();
  const keeps = sent.flatMap(({ member, command }) => (command.kind === 'keepFor' ? [[member, command.members]] : []));
  return Object.fromEntries(keeps);
}

test('every agent is told once of the others', async () => {
  expect(await tend(three)).toEqual({ [A]: [B, C], [B]: [A, C], [C]: [A, B] });
  expect(sent.filter(({ command }) => command.kind === 'setPeers')).toHaveLength(3);
  expect(await tend(three, 2)).toEqual({});
  expect(await tend(three, 10_000)).toEqual({});
});

test('a restarted agent, and all when one has moved, are told again', async () => {
  await tend(three);
  expect(Object.keys(await tend(three, 1, 'another boot'))).toEqual([A, B, C]);
  const moved = three.members.map((member) => (member.name === B ? { ...member, agentUrl: 'http://moved' } : member));
  expect(Object.keys(await tend({ ...three, members: moved }, 2, 'another boot'))).toEqual([A, C]);
});

test('how much log is kept is the partition’s, and told anew when that changes', async () => {
  await tend(three);
  expect(Object.keys(await tend({ ...three, retainedLogBytes: 5_000 }, 2))).toEqual([A, B, C]);
  const bounds = sent.flatMap(({ command }) => (command.kind === 'keepFor' ? [command.retainBytes] : []));
  expect(bounds).toEqual([5_000, 5_000, 5_000]);
});

test('nobody keeps log for a member that is gone, though it asks for a slot as long as it runs', async () => {
  await tend(three);
  expect(await tend(two, 10)).toEqual({ [A]: [B], [B]: [A] });
  expect(await tend(two, 11)).toEqual({});
  expect(await tend(two, 129)).toEqual({});
  expect(housekeeping.owes(two)).toBe(true);
  expect(await tend(two, 130)).toEqual({ [A]: [B], [B]: [A] });
  expect(await tend(two, 10_000)).toEqual({});
  expect(housekeeping.owes(two)).toBe(false);
});

test('a restart of the agent meanwhile does not make that forgotten', async () => {
  await tend(three);
  await tend(two, 10);
  expect(Object.keys(await tend(two, 1, 'another boot'))).toEqual([A, B]);
  expect(Object.keys(await tend(two, 121, 'another boot'))).toEqual([A, B]);
  expect(await tend(two, 10_000, 'another boot')).toEqual({});
});

test('what failed is told again at the next look', async () => {
  answer = { ok: false, failure: 'unreachable', code: 'timeout', message: '' };
  await tend(three);
  expect(housekeeping.owes(three)).toBe(true);
  answer = done;
  expect(Object.keys(await tend(three, 2))).toEqual([A, B, C]);
  expect(housekeeping.owes(three)).toBe(false);
  expect(await tend(three, 3)).toEqual({});
});
