import type { ClientBase } from 'pg';
import type { TestStatements } from '../statements.ts';

const SQLSTATE = { noSpace: '53100', race: '40001' } as const;

export const postgresStatements: TestStatements<ClientBase> = {
  async mark(c, text) {
    await c.query('INSERT INTO public.marks VALUES ($1)', [text]);
  },
  async isMarked(c, text) {
    return (await c.query('SELECT 1 FROM public.marks WHERE id = $1', [text])).rows.length > 0;
  },
  one: async (c) => (await c.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one ?? 0,
  session: async (c) => (await c.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0,
  isReplica: async (c) =>
    (await c.query<{ replica: boolean }>('SELECT pg_is_in_recovery() AS replica')).rows[0]?.replica === true,
  async nonsense(c) {
    await c.query('SELECT nonsense');
  },
  async fail(c, by) {
    await c.query(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${SQLSTATE[by]}'; END $$`);
  },
};
