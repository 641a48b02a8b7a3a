import { expect, test } from 'vitest';
import { defaultClusterFolder } from './default-folders.ts';

test.each([
  [{}, '/home/ada/.local/state/imapcluster/cluster'],
  [{ XDG_STATE_HOME: '/state' }, '/state/imapcluster/cluster'],
  [{ XDG_STATE_HOME: 'relative' }, '/home/ada/.local/state/imapcluster/cluster'],
])('%j', (environment, folder) => {
  expect(defaultClusterFolder('cluster', { environment, home: '/home/ada' })).toBe(folder);
});

test('the tests have a folder of their own', () => {
  const where = { environment: {}, home: '/h' };
  expect(defaultClusterFolder('e2e', where)).not.toBe(defaultClusterFolder('cluster', where));
});
