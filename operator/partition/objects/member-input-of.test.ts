import { expect, test } from 'vitest';
import { podDefaults } from '../../cluster/test-support/imapd-input.ts';
import { memberInputOf } from './member-input-of.ts';
import { testPartition } from './test-support/member-input.ts';

const defaults = {
  images: { member: 'registry.example/member:1', postgres: { image: 'postgres:18', majorVersion: 18 } },
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

test('an engine that the operator has no image for needs one in the spec', () => {
  const inputOf = (managed: object) => {
    const partition = testPartition(managed);
    partition.spec.repository.engine = 'mariadb';
    return memberInputOf(partition, defaults, keys);
  };
  expect(() => inputOf({})).toThrow('MariaDB');
  const { database } = inputOf({ image: 'mariadb:11.8', majorVersion: 16 });
  expect(database).toMatchObject({ engine: 'mariadb', image: 'mariadb:11.8' });
});

test('there is none for servers that somebody else runs', () => {
  expect(() => inputOf(null)).toThrow(RangeError);
});
