import { expect, test } from 'vitest';
import { testPartition } from './objects/test-support/member-input.ts';
import { retainedLogBytes } from './retained-log.ts';

const MiB = 1024 ** 2;

test.each<[string, number]>([
  ['256Mi', 64 * MiB],
  ['512Mi', 64 * MiB],
  ['1Gi', 128 * MiB],
  ['4Gi', 512 * MiB],
  ['8Gi', 1_024 * MiB],
  ['20Gi', 1_024 * MiB],
  ['5Ti', 1_024 * MiB],
])('a volume of %s: %d bytes', (size, bytes) => {
  const { repository } = testPartition({ storage: { size } }).spec;
  expect(retainedLogBytes(repository)).toBe(bytes);
  // What somebody has set holds, whatever the volume.
  expect(retainedLogBytes(testPartition({ storage: { size }, retainedLog: '300Mi' }).spec.repository)).toBe(300 * MiB);
});

test('by the size that a volume has where nothing is said, and for servers of somebody else', () => {
  const { repository } = testPartition({}).spec;
  expect(retainedLogBytes(repository)).toBe(1_024 * MiB);
  const { managed: _, ...others } = repository;
  expect(retainedLogBytes(others)).toBe(1_024 * MiB);
});
