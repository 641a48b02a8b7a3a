import { expect, test } from 'vitest';
import { searchPath } from './search-path.ts';

test('ours come first, the administrator’s last, and none twice', () => {
  expect(searchPath(['/cache/a'], '/usr/bin:/usr/sbin')).toBe('/cache/a:/usr/bin:/usr/sbin:/sbin');
});
