import { expect, test } from 'vitest';
import { errantOf } from './errant.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4e11fa47-71ca-11e1-9e33-c80aa9429562';
const stamps = (...positions: readonly string[]) => positions.map((position, i) => ({ epoch: i + 1, position }));

test.each([
  {
    what: 'MariaDB: what lies behind the position of the next epoch',
    own: { epoch: 1, position: '0-1-105' },
    upstream: { stamps: stamps('', '0-1-100'), position: '0-2-103' },
    errant: '5 transactions: 0-1-101 to 0-1-105',
  },
  {
    what: 'MariaDB: one',
    own: { epoch: 1, position: '0-1-101' },
    upstream: { stamps: stamps('', '0-1-100'), position: '0-2-103' },
    errant: '1 transaction: 0-1-101',
  },
  {
    what: 'MariaDB: one number given by two servers',
    own: { epoch: 2, position: '0-1-105' },
    upstream: { stamps: stamps('', '0-1-100'), position: '0-2-105' },
    errant: '1 transaction: 0-1-105',
  },
  {
    what: 'MariaDB: domains, one of which only it has',
    own: { epoch: 1, position: '0-1-101,7-1-2' },
    upstream: { stamps: stamps('', '0-1-100'), position: '0-2-103' },
    errant: '3 transactions: 0-1-101, 7-1-1 to 7-1-2',
  },
  {
    what: 'MariaDB: an epoch that the upstream has never heard of, with its own row',
    own: { epoch: 2, position: '0-2-104' },
    upstream: { stamps: [...stamps(''), { epoch: 3, position: '0-1-100' }], position: '0-3-103' },
    errant: '4 transactions: 0-2-101 to 0-2-104',
  },
  {
    what: 'MariaDB: nothing',
    own: { epoch: 1, position: '0-1-100' },
    upstream: { stamps: stamps('', '0-1-100'), position: '0-2-103' },
    errant: null,
  },
  {
    what: 'MySQL: the difference of the sets',
    own: { epoch: 1, position: `${A}:1-105` },
    upstream: { stamps: stamps('', `${A}:1-100`), position: `${A}:1-100,${B}:1-3` },
    errant: `5 transactions: ${A}:101-105`,
  },
  {
    what: 'MySQL: nothing',
    own: { epoch: 1, position: `${A}:1-100` },
    upstream: { stamps: stamps('', `${A}:1-100`), position: `${A}:1-100,${B}:1-3` },
    errant: null,
  },
  {
    what: 'another repository',
    own: { epoch: 1, position: '0-1-105', systemIdentifier: 'another' },
    upstream: { stamps: stamps(''), position: '0-2-103' },
    errant: null,
  },
  {
    what: 'nothing written yet',
    own: { epoch: 0, position: '' },
    upstream: { stamps: stamps(''), position: '0-2-103' },
    errant: null,
  },
])('$what', ({ own, upstream, errant }) => {
  const systemIdentifier = 'a0 2026';
  expect(errantOf({ systemIdentifier, exact: true, ...own }, { systemIdentifier, writer: null, ...upstream })).toBe(
    errant,
  );
});

test('a long list is cut off', () => {
  const gaps = Array.from({ length: 200 }, (_, n) => `${3 * n + 2}`).join(':');
  const upstream = { systemIdentifier: '', stamps: stamps(''), position: '', writer: null };
  const own = { systemIdentifier: '', exact: true, epoch: 1, position: `${A}:${gaps}` };
  const text = errantOf(own, upstream) ?? '';
  expect(text).toMatch(/^200 transactions: .*:2:5:.* …$/);
  expect(text.length).toBeLessThan(330);
});
