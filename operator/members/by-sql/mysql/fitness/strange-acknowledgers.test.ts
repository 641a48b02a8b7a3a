import { expect, test } from 'vitest';
import { strangeAcknowledgers } from './strange-acknowledgers.ts';

const members = ['a', 'b', 'c'];
const stranger = 'server_id 9 (10.0.0.9)';

test('who is no member, where more acknowledge than members can', () => {
  const standbys = ['b', stranger];
  expect(strangeAcknowledgers({ standbys, members, acknowledging: 2, allSeen: true })).toEqual([stranger]);
  expect(strangeAcknowledgers({ standbys, members, acknowledging: 1, allSeen: true })).toEqual([]);
});

test('a member that was not seen yet is no stranger', () => {
  const standbys = ['b', 'server_id 102'];
  expect(strangeAcknowledgers({ standbys, members, acknowledging: 2, allSeen: false })).toEqual([]);
});
