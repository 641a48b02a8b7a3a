import { expect, test } from 'vitest';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import { mailPasswords } from './mail-passwords.ts';

const file = (password: string, others: object = {}): string =>
  Buffer.from(JSON.stringify({ user: 'u', password, ...others })).toString('base64');
const secret = (name: string, data: Readonly<Record<string, string>>) => ({ metadata: { name }, data });

test('each partition gives its password; one that cannot leaves imapd what it has', () => {
  const partitions = ['users-a', 'users-b', 'users-c', 'users-d'].map((name) => testPartition({}, name));
  const found = new Map([
    ['post/users-a-credentials', secret('users-a-credentials', { 'mail.json': file('new') })],
    ['post/users-b-credentials', secret('users-b-credentials', { 'mail.json': 'bm9uc2Vuc2U=' })],
  ]);
  const has = secret('mail-imapd-credentials', {
    'users-a.json': file('old'),
    'users-b.json': file('kept'),
    'users-c.json': file('kept too'),
    'gone.json': file('gone'),
  });
  const { passwords, others } = mailPasswords(partitions, (key) => found.get(key), has);
  expect([...passwords]).toEqual([
    ['users-a', 'new'],
    ['users-b', 'kept'],
    ['users-c', 'kept too'],
  ]);
  expect([...others]).toEqual([]);
});

test('while a password is replaced imapd is given both, also by what it has', () => {
  const partitions = ['users-a', 'users-b'].map((name) => testPartition({}, name));
  const own = secret('users-a-credentials', { 'mail.json': file('old', { otherPassword: 'new' }) });
  const has = secret('mail-imapd-credentials', { 'users-b.json': file('kept', { otherPassword: 'kept too' }) });
  const { passwords, others } = mailPasswords(
    partitions,
    (key) => (key.endsWith('a-credentials') ? own : undefined),
    has,
  );
  expect([...passwords.values()]).toEqual(['old', 'kept']);
  expect([...others]).toEqual([
    ['users-a', 'new'],
    ['users-b', 'kept too'],
  ]);
});
