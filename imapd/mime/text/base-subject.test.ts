import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BaseSubject, baseSubject } from './base-subject.ts';

/** RFC 5256, 2.1, step by step and without regard to cost. */
function naive(subject: string): BaseSubject {
  const blob = '\\[[^\\[\\]]*\\][ \\t]*';
  const leader = new RegExp(`^(?:(?:${blob})*(?:re|fwd?)[ \\t]*(?:${blob})?:|[ \\t])`, 'i');
  let text = subject.replace(/[\t\r\n]/g, ' ').replace(/ {2,}/g, ' ');
  let replyOrForward = false;
  for (;;) {
    for (let found = /(\(fwd\)|[ \t])$/i.exec(text); found; found = /(\(fwd\)|[ \t])$/i.exec(text)) {
      replyOrForward ||= found[0].length > 1;
      text = text.slice(0, found.index);
    }
    for (let before = ''; before !== text; ) {
      before = text;
      for (let found = leader.exec(text); found; found = leader.exec(text)) {
        replyOrForward ||= found[0] !== ' ';
        text = text.slice(found[0].length);
      }
      const without = text.replace(new RegExp(`^${blob}`), '');
      if (without !== '') text = without;
    }
    if (!/^\[fwd:.*\]$/is.test(text)) return { text, replyOrForward };
    text = text.slice(5, -1);
    replyOrForward = true;
  }
}

describe('baseSubject', () => {
  it.each([
    ['', '', false],
    ['Lunch', 'Lunch', false],
    ['Re: Lunch', 'Lunch', true],
    ['re : Lunch', 'Lunch', true],
    ['Fwd: FW: re: Lunch (fwd) (FWD) ', 'Lunch', true],
    ['RE[2]: Lunch', 'Lunch', true],
    ['[list] Lunch', 'Lunch', false],
    ['[list] Re: [list] Lunch', 'Lunch', true],
    ['[list]', '[list]', false],
    ['[a] [b]', '[b]', false],
    ['[Fwd: Re: Lunch]', 'Lunch', true],
    ['[fwd: [fwd: [list] Lunch]]', 'Lunch', true],
    ['Lunch\t at\r\n noon', 'Lunch at noon', false],
    ['Report: all', 'Report: all', false],
    ['AW: Lunch', 'AW: Lunch', false],
    ['Re:', '', true],
    ['Re: [x', '[x', true],
  ])('%j is %j', (subject, text, replyOrForward) => {
    expect(baseSubject(subject)).toEqual({ text, replyOrForward });
  });

  it('does what the RFC says', () => {
    const piece = fc.constantFrom(
      're',
      'FW',
      'fwd',
      ':',
      '[',
      ']',
      ' ',
      '\t',
      '(fwd)',
      '[fwd:',
      'Re: ',
      '[l] ',
      'x',
      '2',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const subject = pieces.join('');
        expect(baseSubject(subject)).toEqual(naive(subject));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['[a]', '[', 'Re: ', '(fwd)', '[fwd:', '[fwd:]', '(fwd)x', '[a] re', 're[', ' '])(
    'costs little where a sender repeats %j',
    (piece) => {
      const hostile = piece.repeat(200_000);
      const began = performance.now();
      for (const text of [hostile, `${hostile}x`, `x${hostile}`]) baseSubject(text);
      expect(performance.now() - began).toBeLessThan(2000);
    },
  );
});
