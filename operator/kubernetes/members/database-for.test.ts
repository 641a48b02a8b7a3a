import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { stockImage } from '../../partition/objects/database-image.ts';
import { memberInput } from '../../partition/objects/test-support/member-input.ts';
import { databaseFor } from './database-for.ts';
import { desiredVolume } from './desired-volume.ts';
import type { MemberVolume } from './members-input.ts';
import { unmarked, type VolumeMarks } from './volume-marks.ts';

const volume = (marks: Partial<VolumeMarks>): MemberVolume =>
  desiredVolume(memberInput(), { member: memberName('users-a-0'), marks: { ...unmarked, ...marks }, live: null });
const ran = (image: string, majorVersion: number) => volume({ database: { image, majorVersion } });
const asked = stockImage('postgresql', 'postgres:18.2', 18);

test.each([
  { name: 'a new partition', volumes: [] },
  { name: 'nothing has run yet', volumes: [volume({}), volume({ joined: true })] },
  { name: 'another minor version', volumes: [ran('postgres:18.1', 18)] },
  { name: 'some were made anew', volumes: [ran('postgres:18.1', 18), volume({}), ran('mine@sha256:0a', 18)] },
  {
    name: 'a volume that is nobody’s any more',
    volumes: [volume({ retired: 'Unsalvaged', database: { image: 'postgres:17', majorVersion: 17 } })],
  },
])('$name: what is asked for', ({ volumes }) => {
  expect(databaseFor(asked, volumes)).toEqual({ database: asked, declined: null });
});

test.each([19, 17])('data of %i: what last ran goes on, and the message says how to get on', (major) => {
  const { database, declined } = databaseFor(asked, [volume({}), ran('mine/postgres:1', major)]);
  expect(database).toEqual(stockImage('postgresql', 'mine/postgres:1', major));
  expect(declined).toContain(`PostgreSQL 18 and the data of ${major}`);
  expect(declined).toContain(`majorVersion: ${major}`);
});

test('the image of another engine stays one, and is called by its name', () => {
  const { database, declined } = databaseFor(stockImage('mariadb', 'mariadb:12', 12), [ran('mariadb:11.8', 11)]);
  expect(database).toEqual(stockImage('mariadb', 'mariadb:11.8', 11));
  expect(declined).toContain('MariaDB 12 and the data of 11');
});
