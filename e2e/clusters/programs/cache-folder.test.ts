import { expect, test } from 'vitest';
import { cacheFolder } from './cache-folder.ts';

test.each([
  [{}, '/home/ada/.cache/imapcluster'],
  [{ XDG_CACHE_HOME: '/var/cache/ada' }, '/var/cache/ada/imapcluster'],
  [{ XDG_CACHE_HOME: 'relative' }, '/home/ada/.cache/imapcluster'],
  [{ IMAPCLUSTER_CACHE: '/fast', XDG_CACHE_HOME: '/x' }, '/fast'],
  [{ IMAPCLUSTER_CACHE: '' }, '/home/ada/.cache/imapcluster'],
])('%j', (environment, folder) => {
  expect(cacheFolder(environment, '/home/ada')).toBe(folder);
});
