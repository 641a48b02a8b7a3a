import { expect, test } from 'vitest';
import { eventNote } from './event-note.ts';

test('what happened, the details in words, what to do', () => {
  expect(eventNote({ code: 'MemberRejoined', fields: { member: 'users-a-1', by: 'clone' } })).toBe(
    'A member follows the primary again. (member users-a-1, by clone)',
  );
  expect(eventNote({ code: 'DiskFull' })).toMatch(/^A database has no disk space left\. Grow the volume/);
});

test('a message made for the occasion stands for itself', () => {
  const fields = {
    from: 'a0',
    to: 'a1',
    epoch: 2,
    phases: { fence: 12, elect: 3 },
    lostUpTo: null,
    pods: ['i0', 'i1'],
  };
  expect(eventNote({ code: 'FailoverFinished', message: 'a1 is the primary', fields })).toBe(
    'a1 is the primary (from a0, to a1, epoch 2, phases fence 12 elect 3, pods i0 i1)',
  );
});

test('no longer than the API takes, and no half of a character', () => {
  const note = eventNote({ code: 'Unexpected', message: 'ü€'.repeat(500) });
  expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
  expect(Buffer.byteLength(note)).toBeGreaterThan(1015);
  expect(note).toMatch(/^(ü€)+ü?…$/);
});
