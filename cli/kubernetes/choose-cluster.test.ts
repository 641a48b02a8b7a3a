import { expect, test } from 'vitest';
import { chooseCluster } from './choose-cluster.ts';

const clusters = (...names: readonly string[]) => names.map((name) => ({ metadata: { name } }));
const namespace = 'post';

test('the one that is named, or the only one', () => {
  expect(chooseCluster(clusters('mail', 'news'), { namespace, name: 'news' }).metadata.name).toBe('news');
  expect(chooseCluster(clusters('mail'), { namespace, name: null }).metadata.name).toBe('mail');
});

test.each([
  [[], null, 1, 'there is no ImapCluster in the namespace post'],
  [[], 'mail', 1, 'there is no ImapCluster in the namespace post'],
  [['mail'], 'news', 1, 'no ImapCluster news in the namespace post; there are: mail'],
  [['mail', 'news'], null, 2, 'name one by --cluster: mail, news'],
] as const)('%j, named %s: exit %i, %s', (...[names, name, exitCode, message]) => {
  const choose = (): unknown => chooseCluster(clusters(...names), { namespace, name });
  expect(choose).toThrow(expect.objectContaining({ exitCode, message: expect.stringContaining(message) }));
});
