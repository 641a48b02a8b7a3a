import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationId } from '../../store/types.ts';
import { openRepository } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
const operation = (): OperationId => randomUUID() as OperationId;
let repository: TestRepository;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a', 'b', 'c'], synchronous: true });
  await repository.server('a').sql('CREATE TABLE public.marks (id text)');
  await repository.server('a').sql('GRANT ALL ON public.marks TO PUBLIC');
});
afterAll(async () => await repository?.close());

test('a mutation happens once for its operation, and says its first result again', async () => {
  const { access } = openRepository(repository.target('a', 1));
  const id = operation();
  let repeated = 0;
  const mark = (text: string) =>
    access.mutate(
      id,
      async (c) => {
        await c.query('INSERT INTO public.marks VALUES ($1)', [text]);
        return { text };
      },
      { ...attempt, onRepeated: () => repeated++ },
    );
  expect(await mark('first')).toEqual({ text: 'first' });
  expect(await mark('second')).toEqual({ text: 'first' });
  expect(repeated).toBe(1);
  expect(await repository.server('a').sql('SELECT id FROM public.marks')).toEqual([{ id: 'first' }]);
  await access.close();
});

test('reads and content', async () => {
  const { access, notes } = openRepository(repository.target('a', 1));
  expect((await access.read((c) => c.query('SELECT 1 AS one'), attempt)).rows).toEqual([{ one: 1 }]);
  await expect
    .poll(async () => {
      await access.readContent(
        async (c) => ({ complete: true, value: (await c.query('SELECT pg_is_in_recovery()')).rows, bytes: 10 }),
        attempt,
      );
      return notes.reads.at(-1)?.source;
    })
    .toBe('replica');
  await access.close();
});
