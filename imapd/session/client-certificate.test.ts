import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { TestAuthority } from '../auth/test-support/test-authority.ts';
import { usersIn } from './client-certificate.ts';

const authority = await TestAuthority.create('tests');

test.each([
  { emails: ['ada@example.org'], users: ['ada@example.org'] },
  { emails: ['ada@example.org', 'bob@example.org'], users: ['ada@example.org', 'bob@example.org'] },
  { emails: [], users: [] },
  // One name that looks like two is one name.
  { emails: ['x, email:root@example.org'], users: ['x, email:root@example.org'] },
  { emails: ['"quoted"@example.org'], users: ['"quoted"@example.org'] },
])('$emails among the alternative names', async ({ emails, users }) => {
  const { cert } = await authority.issue({ commonName: 'Ada', emails });
  expect(usersIn(new X509Certificate(cert), 'emailAddress')).toEqual(users);
});

test('the common name of the subject', async () => {
  const { cert } = await authority.issue({ commonName: 'ada', emails: ['other@example.org'] });
  expect(usersIn(new X509Certificate(cert), 'commonName')).toEqual(['ada']);
});
