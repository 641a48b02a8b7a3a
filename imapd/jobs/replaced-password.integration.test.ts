import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailCredentials } from '../routing/test-support/mail-credentials.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { runProgram } from './test-support/run-program.ts';

// Promise: a job that begins while a password is replaced signs in, whichever of the two the database has.

let repository: TestRepository;
beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
});
afterAll(async () => await repository?.close());

const { password } = mailCredentials;

test.each([
  { name: 'the first', given: { password, otherPassword: 'the-last-one' }, code: 0 },
  { name: 'the other', given: { password: 'the-next-one', otherPassword: password }, code: 0 },
  { name: 'neither', given: { password: 'the-next-one', otherPassword: 'the-last-one' }, code: 1 },
])('$name of two passwords is right', async ({ given, code }) => {
  const writer = { member: 'a', endpoint: repository.server('a').endpoint };
  const ended = await runProgram('migrate', { database: 'postgres', epoch: 1, writer }, given);
  expect(ended.code).toBe(code);
  if (code !== 0) expect(ended.last).toContain('password authentication failed');
});
