import { expect, test } from 'vitest';
import { type Granted, missingGrants, missingRights, needed } from './rights.ts';

const all = new Set([...needed.mysql.server, ...(needed.mysql.schemas('imap').imap ?? [])]);
const granted = (change: Partial<Granted> = {}): Granted => ({
  account: 'dba@%',
  server: all,
  schemas: new Map(),
  grantable: new Set(['']),
  ...change,
});
const server = new Set(needed.mysql.server);

test('whoever has all of it for the whole server lacks nothing', () => {
  expect(missingRights(granted(), 'mysql', 'imap')).toBeNull();
});

test('the statements that give what is missing, and the account', () => {
  const without = new Set([...all].filter((name) => name !== 'CONNECTION_ADMIN'));
  expect(missingGrants(granted({ server: without }), 'mysql', 'imap')).toEqual([
    "GRANT CONNECTION_ADMIN ON *.* TO 'dba'@'%' WITH GRANT OPTION",
  ]);
  expect(missingRights(granted({ server: without }), 'mysql', 'imap')).toMatchObject({
    code: 'RightsMissing',
    message: expect.stringContaining('dba@% lacks rights'),
  });
});

test('rights that may not be granted on', () => {
  expect(missingGrants(granted({ grantable: new Set() }), 'mysql', 'imap')).toEqual([
    "GRANT USAGE ON *.* TO 'dba'@'%' WITH GRANT OPTION",
  ]);
});

test.each([
  ['as it is called', 'imap', []],
  ['by a pattern', 'im%', []],
  ['of another one', 'map', ['`imap`']],
  ['with an underscore that is meant', String.raw`im\_p`, ['`imap`']],
] as const)('rights to the schema %s', (_, place, missing) => {
  const rest = Object.entries(needed.mysql.schemas('imap')).filter(([schema]) => schema !== 'imap');
  const schemas = new Map(
    [...rest, [place, needed.mysql.schemas('imap').imap ?? []] as const].map(
      ([name, rights]) => [name, new Set(rights)] as const,
    ),
  );
  const grants = missingGrants(granted({ server, schemas }), 'mysql', 'imap');
  expect(grants.map((grant) => /ON (`\w+`)/.exec(grant)?.[1])).toEqual(missing);
});
