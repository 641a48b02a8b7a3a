import { expect, test } from 'vitest';
import { ResponseStream } from '../response-grammar/response-stream.ts';
import { ClientModel } from './client-model.ts';

/** Commands, and what a server answers; what the model finds wrong with it. */
type Dialogue = readonly (readonly [command: string, ...answer: string[]])[];

function violationsOf(dialogue: Dialogue): readonly string[] {
  const model = new ClientModel();
  const stream = new ResponseStream({
    onResponse: (response) => model.take(response),
    onViolation: (violation) => {
      throw violation;
    },
  });
  for (const [text, ...answer] of dialogue) {
    if (text !== '') model.begin({ tag: 'a', text });
    stream.push(Buffer.from(answer.map((line) => `${line}\r\n`).join('')));
  }
  return model.violations;
}

const SELECTED: Dialogue = [
  ['SELECT INBOX', '* 3 EXISTS', '* OK [HIGHESTMODSEQ 7] x', 'a OK done'],
  ['FETCH 1:3 (UID MODSEQ)', '* 1 FETCH (UID 5 MODSEQ (4))', '* 3 FETCH (UID 9 MODSEQ (7))', 'a OK done'],
];
const QRESYNC: Dialogue = [['ENABLE QRESYNC', '* ENABLED QRESYNC', 'a OK done'], ...SELECTED];

const RIGHT: Readonly<Record<string, Dialogue>> = {
  'EXPUNGE in NOOP': [...SELECTED, ['NOOP', '* 1 EXPUNGE', '* 2 EXPUNGE', '* 2 EXISTS', 'a OK done']],
  'EXPUNGE in UID FETCH': [...SELECTED, ['UID FETCH 1:* FLAGS', '* 3 EXPUNGE', 'a OK done']],
  'VANISHED of a message whose UID was not told': [...QRESYNC, ['NOOP', '* VANISHED 7', 'a OK done']],
  'all that there is': [...SELECTED, ['SEARCH ALL', '* SEARCH 1 2 3', 'a OK done']],
  'a UID that may be there': [...SELECTED, ['UID SEARCH ALL', '* SEARCH 5 8 9', 'a OK done']],
  'a UID that was told before, in another selection': [
    ...SELECTED,
    ['EXPUNGE', '* 1 EXPUNGE', 'a OK done'],
    ['SELECT INBOX', '* 1 EXISTS', 'a OK done'],
    ['FETCH 1 UID', '* 1 FETCH (UID 5)', 'a OK done'],
  ],
};

test.each(Object.entries(RIGHT))('%s is right', (_, dialogue) => {
  expect(violationsOf(dialogue)).toEqual([]);
});

const WRONG: readonly (readonly [RegExp, Dialogue])[] = [
  [/by itself/, [...SELECTED, ['NOOP', '* 2 EXISTS', 'a OK done']]],
  [/in answer to numbers/, [...SELECTED, ['FETCH 1 FLAGS', '* 3 EXPUNGE', 'a OK done']]],
  [/in answer to numbers/, [...SELECTED, ['STORE 1 +FLAGS (\\Seen)', '* 3 EXPUNGE', 'a OK done']]],
  [/in answer to numbers/, [...SELECTED, ['SEARCH ALL', '* SEARCH 1', '* 3 EXPUNGE', 'a OK done']]],
  [/in answer to numbers/, [...QRESYNC, ['SEARCH ALL', '* VANISHED 5', 'a OK done']]],
  [/4 EXPUNGE/, [...SELECTED, ['NOOP', '* 4 EXPUNGE', 'a OK done']]],
  [/VANISHED 4, which/, [...QRESYNC, ['NOOP', '* VANISHED 4', 'a OK done']]],
  [/FETCH of message 4/, [...SELECTED, ['NOOP', '* 4 FETCH (FLAGS ())', 'a OK done']]],
  [/is UID 6, not 5/, [...SELECTED, ['NOOP', '* 1 FETCH (UID 6 FLAGS ())', 'a OK done']]],
  [/out of order/, [...SELECTED, ['NOOP', '* 2 FETCH (UID 10 FLAGS ())', 'a OK done']]],
  [/out of order/, [...SELECTED, ['NOOP', '* 2 FETCH (UID 4 FLAGS ())', 'a OK done']]],
  [/there again/, [...SELECTED, ['NOOP', '* 3 EXPUNGE', '* 3 EXISTS', '* 3 FETCH (UID 9)', 'a OK done']]],
  [/MODSEQ of UID 9 went back/, [...SELECTED, ['NOOP', '* 3 FETCH (UID 9 MODSEQ (6))', 'a OK done']]],
  [/HIGHESTMODSEQ went back/, [...SELECTED, ['NOOP', '* OK [HIGHESTMODSEQ 6] x', 'a OK done']]],
  [/found 4/, [...SELECTED, ['SEARCH ALL', '* SEARCH 1 4', 'a OK done']]],
  [/found 10/, [...SELECTED, ['UID SEARCH ALL', '* ESEARCH (TAG "a") UID ALL 5,10', 'a OK done']]],
  [/is BAD/, [...SELECTED, ['NOOP', 'a BAD what?']]],
  [/an answer to b/, [...SELECTED, ['NOOP', 'b OK done']]],
  [/although nothing was asked/, [...SELECTED, ['', '* 4 EXISTS']]],
];

test.each(WRONG)('finds what is wrong: %s', (what, dialogue) => {
  expect(violationsOf(dialogue)).toEqual([expect.stringMatching(what)]);
});
