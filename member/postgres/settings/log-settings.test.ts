import { expect, test } from 'vitest';
import { logSettings } from './log-settings.ts';

const MiB = 1024 ** 2;

test.each([
  { volume: 64 * MiB, most: '32MB', least: '32MB', kept: '32MB' },
  { volume: 256 * MiB, most: '32MB', least: '32MB', kept: '32MB' },
  { volume: 512 * MiB, most: '64MB', least: '64MB', kept: '64MB' },
  { volume: 1_024 * MiB, most: '128MB', least: '80MB', kept: '64MB' },
  { volume: 4_096 * MiB - 1, most: '511MB', least: '80MB', kept: '64MB' },
  { volume: 8_192 * MiB, most: '1024MB', least: '80MB', kept: '64MB' },
  { volume: 1_024 ** 5, most: '1024MB', least: '80MB', kept: '64MB' },
])('a volume of $volume bytes: $most', ({ volume, most, least, kept }) => {
  expect(logSettings(volume)).toEqual({ max_wal_size: most, min_wal_size: least, wal_keep_size: kept });
});
