import { expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import type { Operation, Survivor } from '../../partition/operation.ts';
import { buildInput } from '../../test-support/build-input.ts';
import { beginFailover, beginSwitchover } from '../begin-operation.ts';
import { elect } from './elect.ts';

const [a, b, c] = ['a', 'b', 'c'].map(memberName) as [MemberName, MemberName, MemberName];
const input = buildInput();
const failover = beginFailover(input, { from: a, why: 'gone', lostUpTo: 0 });
const at = (member: MemberName, received: string, timeline = 1): Survivor => ({
  member,
  received,
  applied: received,
  timeline,
});
const electing = (change: Partial<Operation>) => elect({ ...failover, ...change }, input.record, input.spec);

test('the highest received wins, as a number and not as text', () => {
  const election = electing({ survivors: [at(b, '9/FFFFFFFF'), at(c, '10/0')] });
  const synchronous = { required: 1, members: [a, b] };
  expect(election).toEqual({ elected: true, candidate: c, synchronous, lostUpTo: 0 });
});

test('a tie goes to the same member every time', () => {
  expect(electing({ survivors: [at(c, '0/1'), at(b, '0/1')] })).toMatchObject({ candidate: b });
});

test('a later timeline holds more, whatever its number of bytes', () => {
  expect(electing({ survivors: [at(b, '0/5', 2), at(c, '0/9', 1)] })).toMatchObject({ candidate: b });
});

const P = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const OWN = '4350f323-7565-4e59-8763-4b1b83a0ce0e';

test.each([
  ['MariaDB', '7-101-9', '7-102-10'],
  ['MySQL', `${P}:1-9`, `${P}:1-10`],
])('positions of %s', (_, less, more) => {
  expect(electing({ survivors: [at(b, less), at(c, more)] })).toMatchObject({ candidate: c });
  expect(electing({ survivors: [at(b, less, 2), at(c, more, 1)] })).toMatchObject({ candidate: b });
});

test('one with a transaction of its own is not elected over what it lacks, unless a person accepted the loss', () => {
  const survivors = [at(b, `${P}:1-9,${OWN}:1-5`), at(c, `${P}:1-10`)];
  expect(electing({ survivors })).toMatchObject({ elected: false, why: expect.stringContaining('b and c') });
  expect(electing({ survivors, acceptDataLoss: true })).toMatchObject({ elected: true, candidate: b });
  // Alone it is no obstacle.
  expect(electing({ survivors: [at(b, `${P}:1-10,${OWN}:1-5`), at(c, `${P}:1-10`)] })).toMatchObject({ candidate: b });
  const planned = { ...beginSwitchover(input, { from: a, to: b }), survivors, mark: `${P}:1-10` };
  expect(elect(planned, input.record, input.spec)).toMatchObject({ elected: false });
});

test('R + W > N: one of two does not do, unless a person accepted the loss', () => {
  expect(electing({ survivors: [at(b, '0/1')] })).toMatchObject({ elected: false });
  // Nobody is left to acknowledge, so nobody is waited for.
  expect(electing({ survivors: [at(b, '0/1')], acceptDataLoss: true })).toEqual({
    elected: true,
    candidate: b,
    synchronous: { required: 0, members: [] },
    // How far behind it was nobody has measured.
    lostUpTo: null,
  });
});

test('one that may lack what it acknowledged has no vote, and may be elected all the same', () => {
  const lacking = (survivor: Survivor): Survivor => ({ ...survivor, mayLack: true });
  const pair = [at(b, '0/1'), lacking(at(c, '0/2'))];
  const why = 'R + W > N fails: 1 + 1 of 2; c may lack what it acknowledged';
  expect(electing({ survivors: pair })).toEqual({ elected: false, why });
  expect(electing({ survivors: pair, acceptDataLoss: true })).toMatchObject({ elected: true, candidate: c });
  // Of three that acknowledged any two suffice, where a commit waits for two.
  const record = { ...input.record, synchronous: { required: 2, members: [b, c, memberName('d')] } };
  const survivors = [...pair, at(memberName('d'), '0/1')];
  expect(elect({ ...failover, survivors }, record, input.spec)).toMatchObject({ elected: true, candidate: c });
});

test('Async: how far behind one was that was started again counts as it was seen since', () => {
  const async_ = { ...input.record, synchronous: { required: 0, members: [] } };
  const lags = { [b]: 0.2 };
  const survivors: readonly Survivor[] = [{ ...at(b, '0/5'), mayLack: true }];
  expect(elect({ ...failover, lags, survivors }, async_, input.spec)).toMatchObject({ elected: true, lostUpTo: 0.2 });
  expect(elect({ ...failover, lags: {}, survivors }, async_, input.spec)).toMatchObject({ elected: false });
});

test('Async: the one that can be elected is held against the bound, whoever was the best at the gate', () => {
  const async_ = { ...input, record: { ...input.record, synchronous: { required: 0, members: [] } } };
  const electing = (lags: Operation['lags'], survivors: readonly Survivor[]) =>
    elect({ ...failover, lostUpTo: 0.2, lags, survivors }, async_.record, async_.spec);
  const lags = { [b]: 0.2, [c]: 6 };
  expect(electing(lags, [at(b, '0/9'), at(c, '0/5')])).toMatchObject({ candidate: b, lostUpTo: 0.2 });
  expect(electing(lags, [at(c, '0/5')])).toMatchObject({
    elected: false,
    why: expect.stringContaining('6.0 s behind'),
  });
  expect(electing({ [b]: 0.2 }, [at(c, '0/5')])).toMatchObject({ elected: false });
  expect(electing({ [b]: 0.2, [c]: 4 }, [at(c, '0/5')])).toMatchObject({ candidate: c, lostUpTo: 4 });
});

test('Async: who stands furthest is no further behind than any other one', () => {
  const async_ = { ...input.record, synchronous: { required: 0, members: [] } };
  const operation = { ...failover, lostUpTo: 0.2, lags: { [b]: 0.2 }, survivors: [at(b, '0/5'), at(c, '0/9')] };
  expect(elect(operation, async_, input.spec)).toMatchObject({ elected: true, candidate: c, lostUpTo: 0.2 });
});

test('after a planned change of which nobody was told: one that has everything up to the mark needs no others', () => {
  const again = { ...failover, mark: '0/5', yielded: { member: a, lastEpoch: 5, untold: true } };
  const electing = (change: Partial<Operation>) => elect({ ...again, ...change }, input.record, input.spec);
  expect(electing({ survivors: [at(b, '0/5')] })).toMatchObject({ elected: true, candidate: b, lostUpTo: 0 });
  expect(electing({ survivors: [at(b, '0/4')] })).toMatchObject({ elected: false });
  const yielded = { ...again.yielded, untold: false };
  expect(electing({ survivors: [at(b, '0/5')], yielded })).toMatchObject({ elected: false });
});

test('a candidate that failed is not elected again', () => {
  const losers = [...failover.losers, { member: b, lastEpoch: 0 }];
  expect(electing({ losers, survivors: [at(b, '0/9')] })).toMatchObject({ elected: false });
});

test('a planned candidate must have everything up to the mark', () => {
  const planned = { ...beginSwitchover(input, { from: a, to: c }), survivors: [at(b, '0/9'), at(c, '0/5')] };
  const electPlanned = (mark: string | null) => elect({ ...planned, mark }, input.record, input.spec);
  expect(electPlanned('0/5')).toMatchObject({ elected: true, candidate: c });
  expect(electPlanned('0/6')).toMatchObject({ elected: false });
  expect(electPlanned(null)).toMatchObject({ elected: false });
});

test('planned, where commits go on without replicas: one that is away is counted on only where the old primary stays', () => {
  const { spec, record } = buildInput({ spec: { durability: { mode: 'Quorum', whenDegraded: 'Async' } } });
  const setAfter = (leaves: boolean, survivors: readonly Survivor[]) => {
    const election = elect(
      { ...beginSwitchover(input, { from: a, to: b, leaves }), mark: '0/5', survivors },
      record,
      spec,
    );
    return election.elected ? election.synchronous : null;
  };
  const alone = { required: 0, members: [] };
  const two = { required: 1, members: [a, c] };
  expect(setAfter(false, [at(b, '0/5')])).toEqual(two);
  expect(setAfter(true, [at(b, '0/5')])).toEqual(alone);
  expect(setAfter(true, [at(b, '0/5'), at(c, '0/5')])).toEqual(two);
});
