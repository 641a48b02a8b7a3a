import { expect, test } from 'vitest';
import { Dialogue } from './dialogue.ts';

const BYE = 's * BYE The server is going down, please connect again';

test.each([
  ['between two commands', ['c 1 NOOP', 's 1 OK done', BYE], null],
  ['in IDLE', ['c 2 IDLE', 's + idling', 's * 3 EXISTS', BYE], null],
  ['behind a command that nobody has looked at', ['c 3 FETCH 1 (UID)', BYE], { name: 'FETCH', at: 0, heard: false }],
  [
    'in the middle of an answer',
    ['c 4 FETCH 1:2 (UID)', 's * 1 FETCH (UID 1)', BYE],
    { name: 'FETCH', at: 0, heard: true },
  ],
  [
    'after a literal was asked for',
    ['c 5 APPEND INBOX {9}', 's + OK', 'c (* 9B continuation *)', BYE],
    { name: 'APPEND', at: 0, heard: true },
  ],
  ['before IDLE has begun', ['c 6 IDLE', BYE], { name: 'IDLE', at: 0, heard: false }],
  [
    'behind the end of IDLE',
    ['c 7 IDLE', 's + idling', 'c DONE', 's * 4 EXISTS', BYE],
    { name: 'DONE', at: 2, heard: false },
  ],
  [
    'behind a command after IDLE',
    ['c 8 IDLE', 's + idling', 'c DONE', 's 8 OK done', 'c 9 NOOP', BYE],
    { name: 'NOOP', at: 4, heard: false },
  ],
  [
    'between two commands, told late',
    ['c 1 NOOP', 'c 2 NOOP', 's 1 OK done', BYE],
    { name: 'NOOP', at: 1, heard: false },
  ],
  ['in answer to LOGOUT', ['c A LOGOUT', 's * BYE So long'], undefined],
])('BYE %s', (_what, lines, open) => {
  let now = 0;
  const byes: unknown[] = [];
  const dialogue = new Dialogue(
    () => now,
    (words, before) => byes.push([words, before]),
  );
  for (const [index, line] of lines.entries()) {
    now = index;
    if (line.startsWith('s ')) dialogue.heard(line.slice(2), now);
    else dialogue.note({ src: 'c', msg: line.slice(2) });
  }
  dialogue.note({ msg: 'something else' });
  expect(byes).toEqual(open === undefined ? [] : [['The server is going down, please connect again', open]]);
});

test('BYE in IDLE, told after imapflow has said DONE to a connection that had ended', () => {
  const byes: unknown[] = [];
  const dialogue = new Dialogue(
    () => 5,
    (_words, open) => byes.push(open),
  );
  dialogue.note({ src: 'c', msg: '1 IDLE' });
  dialogue.heard('+ idling', 5);
  dialogue.note({ src: 'c', msg: 'DONE' });
  dialogue.heard(BYE.slice(2), 4);
  expect(byes).toEqual([null]);
});
