import { expect, test } from 'vitest';
import { effectiveRights, expandRights, rightsText } from './rights.ts';

test.each([
  ['lrs', 'lrs'],
  ['', ''],
  ['srl', 'lrs'],
  ['llc', 'lkx'],
  ['d', 'te'],
  ['lrswipcda', 'lrswipkxtea'],
  ['q', null],
  ['L', null],
  ['l0', null],
])('%j means %j', (written, expected) => {
  expect(expandRights(written)).toBe(expected);
});

test.each([
  ['lr', 'lr'],
  ['', ''],
  ['t', 'td'],
  ['xl', 'lxc'],
  ['lrswipkxtea', 'lrswipkxteacd'],
])('%j is told as %j', (rights, expected) => {
  expect(rightsText(rights)).toBe(expected);
});

test.each([
  [{}, ''],
  [{ bob: 'lr' }, 'lr'],
  [{ bob: 'ls', anyone: 'lr' }, 'lrs'],
  [{ bob: 'ls', anyone: 'lr', '-bob': 'r' }, 'ls'],
  [{ bob: 'lr', '-anyone': 'lrx' }, ''],
  [{ '-bob': 'l' }, ''],
])('%j come to %j', (entries: Record<string, string>, expected) => {
  expect([...effectiveRights(entries)].join('')).toBe(expected);
});
