import { expect, test } from 'vitest';
import { nextStageInMs } from './next-stage-in-ms.ts';
import { type KeptPasswords, replacePasswords } from './replace-passwords.ts';

const set = (name: string) => ({
  admin: `a-${name}`,
  replication: `r-${name}`,
  mail: `m-${name}`,
  salvage: `s-${name}`,
});
const GRACE = 120_000;
const settled: KeptPasswords = { passwords: set('one'), request: null, since: null };
type Asked = { readonly request?: string; readonly whole?: boolean };
/** What becomes of it at a time; new passwords are called `two` unless the request names others. */
const turn = (kept: KeptPasswords, now: number, { request, whole = true }: Asked = {}): KeptPasswords =>
  replacePasswords(kept, {
    ...{ request: request ?? null, now, whole, graceMs: GRACE },
    fresh: () => set(request === 'again' ? 'three' : 'two'),
  });
const at = (kept: KeptPasswords, now: number, request?: string | null): KeptPasswords =>
  turn(kept, now, request == null ? {} : { request });

test('nobody asks, nothing happens', () => {
  expect(at(settled, 5)).toBe(settled);
});

test('announced to everybody first, in force a grace later, the old ones known all the time', () => {
  const announced = at(settled, 1_000, 'please');
  expect(announced).toEqual({ passwords: set('one'), next: set('two'), request: 'please', since: 1_000 });
  expect(at(announced, 1_000 + GRACE - 1, 'please')).toBe(announced);
  const inForce = at(announced, 1_000 + GRACE, 'please');
  expect(inForce).toEqual({ passwords: set('two'), previous: set('one'), request: 'please', since: 1_000 + GRACE });
  expect(at(inForce, 1e9, 'please')).toBe(inForce);
});

test('another request begins anew, not before everybody knows what the last one brought', () => {
  const last: KeptPasswords = { passwords: set('two'), previous: set('one'), request: 'please', since: 0 };
  expect(at(last, GRACE - 1, 'again')).toBe(last);
  const announced = at(last, GRACE, 'again');
  expect(announced).toEqual({ ...last, next: set('three'), request: 'again', since: GRACE });
  expect(at(announced, 2 * GRACE, 'again')).toMatchObject({ passwords: set('three'), previous: set('two') });
});

test('while somebody is away none is forgotten that it may have', () => {
  const please = { request: 'please', whole: false };
  const announced = turn(settled, 0, please);
  expect(announced.next).toEqual(set('two'));
  const inForce = turn(announced, GRACE, please);
  expect(inForce.previous).toEqual(set('one'));
  expect(turn(inForce, 9 * GRACE, { request: 'again', whole: false })).toBe(inForce);
  expect(turn(inForce, 9 * GRACE, { request: 'again' }).next).toEqual(set('three'));
});

test('a request that is taken back once it was obeyed changes nothing', () => {
  const announced = at(settled, 0, 'please');
  expect(at(announced, GRACE, null)).toMatchObject({ passwords: set('two'), request: 'please' });
});

test('a clock that was put back makes a stage last longer, not for ever', () => {
  const announced = at(settled, 1e12, 'please');
  const noted = at(announced, 1_000, 'please');
  expect(noted).toEqual({ ...announced, since: 1_000 });
  expect(at(noted, 1_000 + GRACE, 'please').passwords).toEqual(set('two'));
});

test('a note of the time that was lost lets the grace begin anew', () => {
  const lost: KeptPasswords = { passwords: set('one'), next: set('two'), request: null, since: null };
  const noted = at(lost, 1_000, 'please');
  expect(noted).toEqual({ ...lost, request: 'please', since: 1_000 });
  const inForce = at(noted, 1_000 + GRACE, 'please');
  expect(inForce.passwords).toEqual(set('two'));
  expect(at(inForce, 1e9, 'please')).toBe(inForce);
});

test.each<{ name: string; kept: Partial<KeptPasswords>; request: string | null; whole?: boolean; inMs: number | null }>(
  [
    { name: 'nobody asks', kept: {}, request: null, inMs: null },
    { name: 'the request was obeyed', kept: { request: 'please', since: 0 }, request: 'please', inMs: null },
    { name: 'a first request', kept: {}, request: 'please', inMs: 0 },
    {
      name: 'announced',
      kept: { next: set('two'), request: 'please', since: 900 },
      request: 'please',
      inMs: GRACE - 100,
    },
    {
      name: 'announced long ago',
      kept: { next: set('two'), request: 'please', since: 1_000 - 2 * GRACE },
      request: null,
      inMs: 0,
    },
    { name: 'asked again too soon', kept: { request: 'please', since: 400 }, request: 'again', inMs: GRACE - 600 },
    { name: 'somebody is away', kept: {}, request: 'please', whole: false, inMs: 0 },
    {
      name: 'asked again while somebody is away',
      kept: { previous: set('zero'), request: 'please', since: 0 },
      request: 'again',
      whole: false,
      inMs: null,
    },
  ],
)('the next stage: $name', ({ kept, request, whole = true, inMs }) => {
  expect(nextStageInMs({ ...settled, ...kept }, { request, now: 1_000, graceMs: GRACE, whole })).toBe(inMs);
});
