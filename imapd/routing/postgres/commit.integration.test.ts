import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailCredentials } from '../test-support/mail-credentials.ts';
import { TestRepository } from '../test-support/test-repository.ts';
import { commit } from './commit.ts';
import { MailConnection } from './mail-connection.ts';

let repository: TestRepository;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  await repository.server('a').sql('CREATE TABLE public.marks (id text)');
  await repository.server('a').sql('GRANT ALL ON public.marks TO PUBLIC');
});
afterAll(async () => await repository?.close());

test.each([true, false])('a last statement that never left is no commit (pipeline: %s)', async (pipeline) => {
  const { endpoint } = repository.server('a');
  const config = { ...endpoint, ...mailCredentials, database: 'postgres', pipeline };
  const connection = new MailConnection(config);
  await connection.connect();
  try {
    const circular: Record<string, unknown> = {};
    circular.itself = circular;
    const insert = (value: unknown) => connection.query('INSERT INTO public.marks VALUES ($1)', [value]);
    await connection.query('BEGIN');
    expect(await commit(connection, () => insert(circular))).toMatchObject({
      kind: 'unknown',
      cause: expect.any(TypeError),
    });
    await connection.query('BEGIN');
    expect(await commit(connection, () => insert('kept'))).toEqual({ kind: 'committed' });
  } finally {
    await connection.end();
  }
});
