import { expect, test } from 'vitest';
import { podDefaults } from '../../cluster/test-support/imapd-input.ts';
import { memberInputOf } from './member-input-of.ts';
import { testPartition } from './test-support/member-input.ts';

const defaults = {
  images: {
    member: 'registry.example/member:1',
    postgres: { image: 'postgres:18', majorVersion: 18 },
    mariadb: { image: 'mariadb:11.8', majorVersion: 11 },
    mysql: { image: 'mysql:9.7', majorVersion: 9 },
  },
  pods: podDefaults,
};
const keys = { operatorKeys: [], agentToken: 'a-token-of-some-length' };
const inputOf = (managed: object | null) => memberInputOf(testPartition(managed), defaults, keys);

test("the database's image is the operator's choice where the spec names none", () => {
  const { database, ...rest } = inputOf({});
  expect(database).toMatchObject({ image: 'postgres:18', binDirectory: '/usr/lib/postgresql/18/bin' });
  expect(rest).toMatchObject({ agentImage: 'registry.example/member:1', pods: podDefaults, ...keys });
});

test('an image of the spec comes with its version', () => {
  const { database } = inputOf({ image: 'mine/postgres@sha256:0a', majorVersion: 16 });
  expect(database).toMatchObject({ image: 'mine/postgres@sha256:0a', binDirectory: '/usr/lib/postgresql/16/bin' });
});

test.each([
  ['mariadb', 'mariadb:11.8', 11],
  ['mysql', 'mysql:9.7', 9],
] as const)('%s gets the image of its own engine: %s', (engine, image, majorVersion) => {
  const partition = (managed: object) => {
    const { spec, ...rest } = testPartition(managed);
    return { ...rest, spec: { ...spec, repository: { ...spec.repository, engine } } };
  };
  const databaseOf = (managed: object) => memberInputOf(partition(managed), defaults, keys).database;
  expect(databaseOf({})).toMatchObject({ engine, image, majorVersion, binDirectory: '/usr/sbin' });
  const own = { image: 'mine@sha256:0a', majorVersion: 16 };
  expect(databaseOf(own)).toMatchObject({ engine, ...own });
});

test('there is none for servers that somebody else runs', () => {
  expect(() => inputOf(null)).toThrow(RangeError);
});
