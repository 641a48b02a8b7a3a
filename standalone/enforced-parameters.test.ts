import { expect, test } from 'vitest';
import { reservedParameters } from '#crds/rules/reserved-parameters.ts';
import type { Posture } from '#member/engine.ts';
import { postureOptions } from '#member/mysql/settings/posture-options.ts';
import { serverOptions } from '#member/mysql/settings/server-options.ts';
import { postureSettings } from '#member/postgres/settings/posture-settings.ts';
import { serverSettings } from '#member/postgres/settings/server-settings.ts';

// What the agent writes over the owner's parameters, whatever the owner wants, is refused in a manifest: it would be taken
// and silently ignored.

const reserved = reservedParameters.postgresql;
const address = { listenAddresses: '*', port: 5432, socketDirectory: '/tmp' };
const OWNERS = 'as the owner wants it';

test.each([15, 16, 17, 18])('every setting of PostgreSQL %i that an owner cannot override is refused', (version) => {
  const names = Object.keys(serverSettings(address, {}, version));
  const enforced = names.filter((name) => serverSettings(address, { [name]: OWNERS }, version)[name] !== OWNERS);
  expect(enforced).toContain('fsync');
  expect(enforced.filter((name) => !reserved.includes(name))).toEqual([]);
  // And what is refused for no reason of that kind, an owner may think to set: none of the defaults is among them.
  const tunable = names.filter((name) => !enforced.includes(name));
  expect(tunable).toContain('max_connections');
  expect(tunable.filter((name) => reserved.includes(name))).toEqual([]);
});

const place = {
  ...{ serverId: 4711, member: 'a0', listenAddresses: '*', port: 3306, socketPath: '/tmp/s', pidFile: '/tmp/p' },
  ...{ dataDirectory: '/tmp/d', temporaryDirectory: '/tmp/t', accountsFile: '/tmp/a' },
};

test.each(['mariadb', 'mysql'] as const)('every setting of %s that an owner cannot override is refused', (engine) => {
  const { includes } = reservedParameters[engine];
  const names = Object.keys(serverOptions(engine, place, {}));
  const enforced = names.filter((name) => serverOptions(engine, place, { [name]: OWNERS })[name] !== OWNERS);
  expect(enforced).toContain('sync_binlog');
  expect(enforced.filter((name) => !includes(name))).toEqual([]);
  const tunable = names.filter((name) => !enforced.includes(name));
  expect(tunable).toContain('innodb_buffer_pool_size');
  expect(tunable.filter((name) => includes(name))).toEqual([]);
  const changing = Object.keys(postureOptions(engine, 'primary', posture));
  expect(changing.length).toBeGreaterThan(0);
  expect(changing.filter((name) => !includes(name))).toEqual([]);
});

const posture: Posture = {
  access: 'serving',
  upstream: { member: 'a0', endpoint: { host: 'a0', port: 5432 } },
  synchronous: { required: 1, members: ['a1', 'a2'] },
  retainBytes: 1_024 ** 3,
};

test('so is what changes while a member lives', () => {
  const settings = postureSettings(posture, { member: 'a1', passwordFile: '/tmp/pass', generation: '1' });
  expect(Object.keys(settings)).toContain('synchronous_standby_names');
  expect(Object.keys(settings).filter((name) => !reserved.includes(name))).toEqual([]);
});
