import { expect, test } from 'vitest';
import { createNarrator } from './narrator.ts';
import { terminalToSvg } from './to-svg.ts';

function told(tell: (narrator: ReturnType<typeof createNarrator>) => void, colours = false): string {
  let text = '';
  tell(createNarrator((piece) => (text += piece), colours));
  return text;
}

test('a timeline puts every moment where it lies in time', () => {
  const moments = [
    { at: 0, what: 'kill -9', mark: 'fault' as const },
    { at: 200, what: 'promoted' },
    { at: 400, what: 'first write' },
  ];
  expect(told((n) => n.timeline(moments)).split('\n')).toEqual([
    `       0 ms ●${'┄'.repeat(31)} kill -9`,
    `     200 ms ${'━'.repeat(16)}●${'┄'.repeat(15)} promoted`,
    `     400 ms ${'━'.repeat(31)}● first write`,
    '',
  ]);
});

test('without a terminal there are no escape sequences', () => {
  const text = told((n) => {
    n.heading('One');
    n.table(['a'], [['b']]);
    n.say(n.good('fine'));
  });
  expect(text).not.toContain('\u001b');
});

test('the picture keeps text, colours and columns, and escapes what XML would read', () => {
  const svg = terminalToSvg(
    told((n) => n.say(`a < b & ${n.bad('lost')} ok`), true),
    'A run',
  );
  expect(svg).toContain('a &lt; b &amp; ');
  expect(svg).toMatch(/<tspan x="100\.0" fill="#ff7b72">lost<\/tspan><tspan x="133\.6" fill="#e6edf3"> ok<\/tspan>/);
  expect(svg).toContain('<title>A run</title>');
});
