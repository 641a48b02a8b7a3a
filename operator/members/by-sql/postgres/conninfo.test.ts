import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { isForeign, parseConninfo, renderConninfo, replicationConninfo, upstreamIn } from './conninfo.ts';

test.each<[string, string, Record<string, string> | null]>([
  ['keywords', 'host=db-0 port=5432', { host: 'db-0', port: '5432' }],
  [
    'quotes, blanks and backslashes',
    String.raw`password = 'it\'s \\ here' user=x`,
    { password: String.raw`it's \ here`, user: 'x' },
  ],
  ['an escaped blank', String.raw`password=a\ b`, { password: 'a b' }],
  ['an empty value', "host='' port=1", { host: '', port: '1' }],
  ['nothing', '', {}],
  ['a URI', 'postgresql://db-0:5432/', null],
  ['an open quote', "host='db", null],
])('reads %s', (_, text, expected) => {
  expect(parseConninfo(text)).toEqual(expected);
});

test('what is written is read back', () => {
  const conninfo = { host: 'fd00::7', password: String.raw`a'b\c d=e`, application_name: 'users-a-0' };
  expect(parseConninfo(renderConninfo(conninfo))).toEqual(conninfo);
});

const members = ['a', 'b'].map((name, index) => ({
  name: memberName(name),
  endpoint: { host: `db-${name}`, port: 5_432 + index },
  agentUrl: null,
}));
const own = memberName('a');
const toB = replicationConninfo({ host: 'db-b', port: 5_433 }, { member: own, password: 'secret' });

test.each<[string, string, string | null]>([
  ['as we write it', toB, 'b'],
  ['to a server that is no member', toB.replace('db-b', 'db-x'), null],
  ['under the name of another', toB.replace("application_name='a'", "application_name='b'"), null],
  ["in the administrator's own way", 'host=db-b port=5433 user=replicator', null],
  ['not at all', '', null],
])('whom a replica follows: %s', (_, text, expected) => {
  expect(upstreamIn(text, own, members)?.name ?? null).toBe(expected);
});

test.each([
  ['ours', toB, false],
  ['nobody', '', false],
  ["an administrator's", 'host=db-b user=replicator', true],
  ['one that is not understood', 'postgresql://db-b/', true],
] as const)('given back where ours fails: %s', (_, text, expected) => {
  expect(isForeign(text)).toBe(expected);
});
