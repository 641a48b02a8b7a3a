import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { OperationId } from '../../store/types.ts';
import { mailCredentials } from '../test-support/mail-credentials.ts';
import { openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
const operation = (): OperationId => randomUUID() as OperationId;
describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  let access: TestAccess;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a'] });
    await repository.server('a').makeMarks();
  });
  afterEach(async () => await access?.close());
  afterAll(async () => await repository?.close());

  const mark = async (id: OperationId, text: string, onRepeated: () => void = () => undefined): Promise<unknown> =>
    await access.mutate(
      id,
      async (c) => {
        await repository.statements.mark(c, text);
        return { text };
      },
      { ...attempt, onRepeated },
    );
  const marks = async (text: string): Promise<number> =>
    (await repository.server('a').marks()).filter((each) => each === text).length;

  test('a mutation happens once for its operation, and says its first result again', async () => {
    ({ access } = openRepository(repository.target('a', 1)));
    const id = operation();
    let repeated = 0;
    const count = (): void => {
      repeated += 1;
    };
    expect(await mark(id, 'first', count)).toEqual({ text: 'first' });
    expect(await mark(id, 'second', count)).toEqual({ text: 'first' });
    expect([repeated, await marks('first'), await marks('second')]).toEqual([1, 1, 0]);
  });

  test('the same operation at the same time happens once all the same', async () => {
    ({ access } = openRepository(repository.target('a', 1)));
    const id = operation();
    const results = await Promise.all(Array.from({ length: 4 }, () => mark(id, 'at once')));
    expect(results).toEqual(Array.from({ length: 4 }, () => ({ text: 'at once' })));
    expect(await marks('at once')).toBe(1);
  });

  test('what the work itself throws comes back as it is, and nothing is left of it', async () => {
    ({ access } = openRepository(repository.target('a', 1)));
    const work = access.mutate(
      operation(),
      async (c) => {
        await repository.statements.mark(c, 'given up');
        throw new RangeError('changed my mind');
      },
      attempt,
    );
    await expect(work).rejects.toThrow(RangeError);
    await expect(access.read((c) => repository.statements.nonsense(c), attempt)).rejects.toThrow('nonsense');
    expect(await marks('given up')).toBe(0);
    expect(access.view.writerFailure).toBeNull();
  });

  test('a result that cannot be kept is a failure, and nothing is left of the work', async () => {
    ({ access } = openRepository(repository.target('a', 1), { writeHoldMs: 1_000 }));
    const work = access.mutate(
      operation(),
      async (c) => {
        await repository.statements.mark(c, 'not kept');
        return { many: 1n };
      },
      attempt,
    );
    await expect(work).rejects.toThrow(TypeError);
    expect(await marks('not kept')).toBe(0);
    expect(access.view.writerFailure).toBeNull();
  });

  test('more callers than connections wait for their turn', async () => {
    ({ access } = openRepository(repository.target('a', 1), { sizes: { write: 2, read: 1, content: 1 } }));
    await Promise.all(Array.from({ length: 40 }, () => mark(operation(), 'in turn')));
    expect(await marks('in turn')).toBe(40);
    const uses = access.poolUses.filter(({ role }) => role === 'write');
    expect(uses).toEqual([{ member: 'a', role: 'write', open: 2, waiting: 0 }]);
  });

  test('a connection that only reads cannot write', async () => {
    ({ access } = openRepository(repository.target('a', 1), { writeHoldMs: 300 }));
    const write = access.read((c) => repository.statements.mark(c, 'by a reader'), attempt);
    await expect(write).rejects.toThrow();
    expect(await marks('by a reader')).toBe(0);
  });

  test('a password that was changed is read again, without a restart', async () => {
    const rotated = 'rotated'.padEnd(mailCredentials.password.length, '.');
    let password = mailCredentials.password;
    const credentials = async () => ({ ...mailCredentials, password });
    const log = new RecordedLog();
    ({ access } = openRepository(repository.target('a', 1), { credentials, log }));
    await mark(operation(), 'before');
    const a = repository.server('a');
    await a.setMailPassword(rotated);
    await a.endMailSessions();
    const answer = mark(operation(), 'after');
    await expect.poll(() => log.codes()).toContain('CredentialsRefused');
    password = rotated;
    expect(await answer).toEqual({ text: 'after' });
    await a.setMailPassword(mailCredentials.password);
  });
});
