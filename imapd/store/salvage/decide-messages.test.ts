import { expect, test } from 'vitest';
import { decideMessages } from './decide-messages.ts';

const message = (uid: number, operation: string, hash: string) => ({ uid, operation, hash });
const knowledge = (options: { decided?: number[]; operations?: string[]; arrived?: Record<string, number[]> }) => ({
  decided: new Set(options.decided),
  operations: new Set(options.operations),
  arrived: new Map(Object.entries(options.arrived ?? {})),
});

test('what nobody else has is brought', () => {
  expect(decideMessages([message(7, 'o', 'h')], knowledge({}))).toEqual(new Map([[7, { kind: 'bring' }]]));
});

test('an operation that was repeated is known, and takes its message with it', () => {
  const tail = [message(7, 'again', 'h'), message(8, 'other', 'h')];
  expect(decideMessages(tail, knowledge({ operations: ['again'], arrived: { h: [1001] } }))).toEqual(
    new Map<number, unknown>([
      [7, { kind: 'known', uid: 1001 }],
      [8, { kind: 'bring' }],
    ]),
  );
});

test('one equal message stands for one of the tail, not for all', () => {
  const tail = [message(7, 'a', 'h'), message(8, 'b', 'h'), message(9, 'c', 'h')];
  const decisions = [...decideMessages(tail, knowledge({ arrived: { h: [1001] } })).values()];
  expect(decisions.map((decision) => decision.kind)).toEqual(['known', 'bring', 'bring']);
});

test('a decision stands', () => {
  const again = decideMessages([message(7, 'again', 'h')], knowledge({ decided: [7], operations: ['again'] }));
  expect(again).toEqual(new Map([[7, { kind: 'decided' }]]));
});
