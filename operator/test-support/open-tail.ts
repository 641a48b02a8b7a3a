import { Client } from 'pg';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import type { Row, Value } from '#database/mysql/connection/statement.ts';

/** One table of numbers, and a session that reads and writes it: all the mail that tests of the operator need. */
export type Tail = {
  readonly create: () => Promise<void>;
  readonly insert: (id: number) => Promise<void>;
  /** Those that are not there yet. @returns how many those were */
  readonly merge: (ids: readonly number[]) => Promise<number>;
  readonly ids: () => Promise<number[]>;
  /** Whether it was ended by the server, or with it. */
  readonly isLost: () => boolean;
  /** What is under way on it may go on there. */
  readonly end: () => Promise<void>;
};

export type OpenTail = {
  readonly engine: Engine;
  readonly endpoint: MemberEndpoint;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly timeoutMs?: number;
};

export const openTail = (options: OpenTail): Promise<Tail> =>
  options.engine === 'postgresql' ? openPostgres(options) : openMysql(options);

const TIMEOUT_MS = 5_000;

async function openPostgres({ endpoint, engine: _, timeoutMs = TIMEOUT_MS, ...options }: OpenTail): Promise<Tail> {
  const client = new Client({ ...endpoint, ...options, connectionTimeoutMillis: timeoutMs });
  let isLost = false;
  client.on('error', () => {
    isLost = true;
  });
  await client.connect();
  const ask = async (text: string, values: unknown[] = []) => await client.query<{ id: number }>(text, values);
  return {
    create: async () => void (await ask('CREATE TABLE IF NOT EXISTS mail.tail (id int PRIMARY KEY)')),
    insert: async (id) => void (await ask('INSERT INTO mail.tail (id) VALUES ($1)', [id])),
    merge: async (ids) =>
      (await ask('INSERT INTO mail.tail (id) SELECT unnest($1::int[]) ON CONFLICT DO NOTHING', [ids])).rowCount ?? 0,
    ids: async () => (await ask('SELECT id FROM mail.tail ORDER BY id')).rows.map(({ id }) => id),
    isLost: () => isLost,
    end: () => client.end(),
  };
}

async function openMysql({ engine: _, timeoutMs = TIMEOUT_MS, ...options }: OpenTail): Promise<Tail> {
  const session = await openConnection({ ...options, timeoutMs, role: 'write' });
  const ask = async (text: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
    const [answer] = await session.batch([{ name: 'tail', text, values }]);
    return answer?.rows ?? [];
  };
  const ids = async (): Promise<number[]> => (await ask('SELECT id FROM tail ORDER BY id')).map(({ id }) => Number(id));
  return {
    create: async () => void (await ask('CREATE TABLE IF NOT EXISTS tail (id int PRIMARY KEY)')),
    insert: async (id) => void (await ask('INSERT INTO tail (id) VALUES (?)', [id])),
    merge: async (wanted) => {
      const there = new Set(await ids());
      const missing = wanted.filter((id) => !there.has(id));
      if (missing.length > 0) await ask(`INSERT INTO tail (id) VALUES ${missing.map((id) => `(${id})`).join(', ')}`);
      return missing.length;
    },
    ids,
    isLost: () => session.lost !== null,
    end: async () => (session.isBusy ? session.abandon() : await session.end()),
  };
}
