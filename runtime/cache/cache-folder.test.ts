import { expect, test } from 'vitest';
import { cacheFolder, sharedCacheFolder } from './cache-folder.ts';

test.each([
  [{}, '/home/ada/.cache/imapcluster'],
  [{ XDG_CACHE_HOME: '/var/cache/ada' }, '/var/cache/ada/imapcluster'],
  [{ XDG_CACHE_HOME: 'relative' }, '/home/ada/.cache/imapcluster'],
  [{ IMAPCLUSTER_CACHE: '/fast', XDG_CACHE_HOME: '/x' }, '/fast'],
  [{ IMAPCLUSTER_CACHE: '' }, '/home/ada/.cache/imapcluster'],
])('%j', (environment, folder) => {
  expect(cacheFolder(environment, '/home/ada')).toBe(folder);
});

test.each([
  [{}, 1000, '/home/ada/.cache/imapcluster'],
  [{}, 0, '/var/cache/imapcluster'],
  [{ XDG_CACHE_HOME: '/x' }, 0, '/var/cache/imapcluster'],
  [{ IMAPCLUSTER_CACHE: '/fast' }, 0, '/fast'],
])('what servers run as others read: %j of user %i', (environment, uid, folder) => {
  expect(sharedCacheFolder(environment, { uid, home: '/home/ada' })).toBe(folder);
});
