import { expect, test } from 'vitest';
import { clusterFolder, unfitStateFolder } from './cluster-folder.ts';

test('two clusters have different control groups', () => {
  const names = ['/tmp/a', '/tmp/b'].map((folder) => clusterFolder(folder).controlGroupPrefix);
  expect(new Set(names).size).toBe(2);
  expect(names[0]).toMatch(/^imapcluster-[0-9a-f]{8}-$/);
});

test.each([
  ['/tmp/cluster', null],
  ['/var/libre/x', null],
  ['/var/lib/x', '/var/lib'],
  ['/run/user/0/x', '/run'],
  [`/tmp/${'a'.repeat(90)}`, 'too long'],
])('state folder %s', (folder, why) => {
  const answer = unfitStateFolder(folder);
  if (why === null) expect(answer).toBeNull();
  else expect(answer).toContain(why);
});
