import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { mailCredentials } from '../routing/test-support/mail-credentials.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { newestVersion } from '../store/schema-versions.ts';
import { runProgram } from './test-support/run-program.ts';

// Promise: a job does its work on every engine, and signs in, whichever of two passwords the database has while one is replaced.

const { password } = mailCredentials;
const NEXT = 'the-next-password-of-the-account';
const LAST = 'the-last-password-of-the-account';

describe.each(enginesUnderTest)('%s', (under) => {
  let repository: TestRepository;
  beforeAll(async () => {
    repository = await TestRepository.start({ members: ['a'], engine: under });
  });
  afterAll(async () => await repository?.close());

  const job = (name: string, passwords: { password: string; otherPassword?: string } = { password }, epoch = 1) => {
    const { endpoint, database } = repository.server('a');
    const { engine } = repository;
    return runProgram(name, { engine, database, epoch, writer: { member: 'a', endpoint } }, passwords);
  };

  test.each([
    { name: 'the first', given: { password, otherPassword: LAST }, code: 0 },
    { name: 'the other', given: { password: NEXT, otherPassword: password }, code: 0 },
    { name: 'neither', given: { password: NEXT, otherPassword: LAST }, code: 1 },
  ])('$name of two passwords is right', async ({ given, code }) => {
    const ended = await job('migrate', given);
    expect(ended.code, ended.lines.join('\n')).toBe(code);
    if (code !== 0) expect(ended.last).toMatch(/password authentication failed|Access denied/);
  });

  test('another epoch is refused', async () => {
    expect(await job('migrate', { password }, 2)).toMatchObject({ code: 1, last: 'a is at epoch 1, not 2' });
  });

  test('what is up to date is left so, and verify prints what it finds and fails', async () => {
    expect(await job('migrate')).toMatchObject({ code: 0, last: { version: newestVersion, applied: [] } });
    expect(await job('verify')).toMatchObject({ code: 0, last: { differences: 0 } });
    const usage = under === 'postgresql' ? 'mail.usage' : 'usage_of';
    await repository
      .server('a')
      .sql(`INSERT INTO ${usage} (owner, storage, messages, mailboxes) VALUES ('eve', 0, 7, 0)`);
    const { code, lines, last } = await job('verify');
    expect({ code, last }).toEqual({ code: 1, last: { differences: 1 } });
    expect(lines.join('\n')).toContain('eve messages');
  });
});
