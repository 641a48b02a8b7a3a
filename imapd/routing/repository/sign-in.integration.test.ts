import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roles } from '#database/roles.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { OperationId } from '../../store/types.ts';
import { credentialsFrom } from '../credentials.ts';
import { RepositoryUnavailable } from '../repository-access.ts';
import { type Notes, openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

// Promise: a password is replaced without a failed command and without a writer taken for lost, whichever of file and
// database comes first; credentials that come late are waited for.

const attempt = { signal: new AbortController().signal };
describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  let access: TestAccess;
  let notes: Notes;
  let log: RecordedLog;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a'] });
    await repository.server('a').makeMarks();
  });
  beforeEach(async () => {
    log = new RecordedLog();
    await setPassword('first');
  });
  afterEach(async () => await access?.close());
  afterAll(async () => await repository?.close());

  /** MariaDB takes none but of this length. */
  const long = (word: string): string => word.padEnd(32, '.');
  const file = (): string => join(repository.folder, 'users-a.json');
  async function put(credentials: { readonly password: string; readonly otherPassword?: string }): Promise<void> {
    await writeFile(
      `${file()}.new`,
      JSON.stringify({
        user: roles.mail,
        ...Object.fromEntries(Object.entries(credentials).map(([name, word]) => [name, long(word)])),
      }),
    );
    await rename(`${file()}.new`, file());
  }
  const setPassword = async (password: string): Promise<void> =>
    await repository.server('a').setMailPassword(long(password));

  function open(writeHoldMs = 10_000): void {
    const credentials = credentialsFrom(repository.folder, 'users-a');
    ({ access, notes } = openRepository(repository.target('a', 1), { credentials, log, writeHoldMs }));
  }
  const write = async (): Promise<unknown> => {
    const work = async (c: object): Promise<null> => {
      await repository.statements.mark(c, 'x');
      return null;
    };
    return await access.mutate(randomUUID() as OperationId, work, attempt);
  };
  const read = async (): Promise<unknown> => await access.read((c) => repository.statements.one(c), attempt);
  /** More at once than there are connections, so that new ones are made. */
  const crowd = async (): Promise<unknown[]> =>
    await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? write() : read())));

  test('while the file has both passwords, either is the right one: nobody notices when the database changes', async () => {
    await put({ password: 'first', otherPassword: 'second' });
    open();
    await write();
    await setPassword('second');
    await crowd();
    await put({ password: 'second' });
    await crowd();
    expect(notes.retries).toEqual([]);
    expect(log.codes()).not.toContain('WriterLost');
    expect(log.codes()).not.toContain('CredentialsRefused');
  });

  test('a file that is behind is read again until it has caught up; what is connected goes on meanwhile', async () => {
    await put({ password: 'first' });
    open();
    await write();
    await setPassword('second');
    // One at a time: the connection that is open serves.
    for (let i = 0; i < 5; i += 1) await write();
    expect(log.codes()).not.toContain('CredentialsRefused');
    const waiting = crowd();
    await expect.poll(() => log.codes()).toContain('CredentialsRefused');
    await put({ password: 'second' });
    await waiting;
    expect(log.codes().filter((code) => code === 'CredentialsRefused')).toHaveLength(1);
    expect(log.codes()).not.toContain('WriterLost');
    expect(access.view).toMatchObject({ writerReachable: true, writerFailure: null });
  });

  test('credentials that come after the routing document are waited for', async () => {
    await rm(file(), { force: true });
    open();
    const waiting = Promise.all([write(), read(), access.readAnywhere(async () => 'anywhere', attempt)]);
    await expect.poll(() => log.codes()).toContain('CredentialsRefused');
    expect(access.view.writerReachable).not.toBe(false);
    await put({ password: 'first' });
    expect(await waiting).toEqual([null, 1, 'anywhere']);
  });

  test.each([
    ['missing', async () => await rm(file(), { force: true })],
    ['senseless', async () => await writeFile(file(), '[]')],
    ['wrong', async () => await put({ password: 'guess', otherPassword: 'another guess' })],
  ])('credentials that stay %s make the repository unavailable, and are told of once', async (_, spoil) => {
    await spoil();
    open(1_000);
    const outcomes = await Promise.allSettled([write(), read(), write()]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(RepositoryUnavailable) });
    }
    expect(log.codes().filter((code) => code === 'CredentialsRefused')).toHaveLength(1);
    expect(log.codes()).not.toContain('WriterLost');
    await put({ password: 'first' });
    // One second may be too short for a connection on a busy machine.
    const written = async (): Promise<string> => await write().then(() => 'written', String);
    await expect.poll(written).toBe('written');
  });
});
