import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import type { AppendOutcome, Store } from '../../store/store.ts';
import type { OperationId } from '../../store/types.ts';
import { openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

// Promise: those who append to one mailbox at the same time share transactions, and each of them gets what it would have got alone.

describe.each(enginesUnderTest)('%s', (engine) => {
  const attempt = { signal: new AbortController().signal };
  const operation = (): OperationId => randomUUID() as OperationId;
  let repository: TestRepository;
  let access: TestAccess;
  let store: Store;
  let users = 0;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a'] });
    ({ access, store } = openRepository(repository.target('a', 1)));
  });
  afterAll(async () => {
    await access?.close();
    await repository?.close();
  });

  async function newUser(): Promise<string> {
    const name = `user${users++}`;
    await store.createAccount({ operation: operation(), name, passwordHash: 'x', mailboxes: [] }, attempt);
    return name;
  }

  async function append(owner: string, text: string, { id = operation(), into = store } = {}): Promise<AppendOutcome> {
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.from(text);
    }
    const staged = await into.stage(source(), { operation: id, ordinal: 0 }, attempt);
    const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
    return await into.append({ operation: id, owner, mailbox: 'INBOX', messages }, attempt);
  }

  const uidsOf = (outcomes: readonly AppendOutcome[]): number[] =>
    outcomes.flatMap((outcome) => (outcome.kind === 'appended' ? outcome.uids : [])).sort((a, b) => a - b);

  test('fewer transactions than messages, each message once and whole', async () => {
    const owner = await newUser();
    const since = await repository.server('a').transactions();
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, i) => append(owner, `n: ${i}\r\n\r\n`)));
    expect(uidsOf(outcomes)).toEqual(outcomes.map((_, i) => i + 1));
    const modSeqs = new Set(outcomes.map((outcome) => (outcome.kind === 'appended' ? outcome.modSeq : 0)));
    expect(modSeqs.size).toBe(30);
    const found = await repository.server('a').stored(owner, since);
    expect(found).toMatchObject({ messages: 30, contents: 30 });
    expect(found.transactions).toBeLessThan(15);
  });

  test('what is done again on the way is done once, and says the same', async () => {
    const owner = await newUser();
    const ids = Array.from({ length: 6 }, operation);
    const outcomes = await Promise.all([...ids, ...ids, ...ids].map((id) => append(owner, 'a: b\r\n\r\n', { id })));
    for (const [i] of ids.entries()) {
      expect(outcomes[i + 6]).toEqual(outcomes[i]);
      expect(outcomes[i + 12]).toEqual(outcomes[i]);
    }
    expect(uidsOf(outcomes.slice(0, 6))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('who finds no room takes nobody along', async () => {
    const owner = await newUser();
    const limits = { MESSAGE: 7 };
    await store.changeAccount({ operation: operation(), name: owner, limits }, attempt);
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, i) => append(owner, `n: ${i}\r\n\r\n`)));
    expect(uidsOf(outcomes)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(outcomes.filter(({ kind }) => kind === 'overQuota')).toHaveLength(5);
  });

  test('where there is no mailbox each is told so', async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => append('nobody', 'a: b\r\n\r\n')));
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'noMailbox'));
  });

  test('who has little time left takes none from those who go together with him', async () => {
    const owner = await newUser();
    const patient = openRepository(repository.target('a', 1), { writeHoldMs: 3_000 });
    const into = patient.store;
    const since = performance.now();
    const appendAt = async (ms: number): Promise<string> => {
      await pause(since + ms - performance.now());
      return await append(owner, 'a: b\r\n\r\n', { into }).then(
        ({ kind }) => kind,
        ({ name }: Error) => name,
      );
    };
    const locked = repository.server('a').lockMailboxesOf(owner, 4);
    // The first gives up before the mailbox is free; the second has 200 ms more, the third 2 s.
    const outcomes = await Promise.all([200, 400, 2_200].map(appendAt));
    await locked;
    await patient.access.close();
    expect(outcomes).toEqual(['RepositoryUnavailable', 'appended', 'appended']);
  });
});
