import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UpstreamSilence } from '#database/mysql/replication/upstream-silence.ts';
import type { ServerName } from '#database/programs/catalogue.ts';
import { type EngineUnderTest, enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { longPassword } from '#member/test-support/long-password.ts';
import { type ExistingMysqlServers, startExistingMysqlServers } from '../../../test-support/existing-mysql-servers.ts';
import { ADMINISTRATOR } from '../../../test-support/existing-servers.ts';
import { SqlTrouble } from '../sql-trouble.ts';
import { probe } from './looks/look.ts';
import { MysqlSessions } from './sessions.ts';
import { applySettings, closeAtStart } from './settings.ts';

const isMysql = (engine: EngineUnderTest): engine is ServerName => engine !== 'postgresql';
const secret = longPassword('secret');
const rolePasswords = { replication: secret, mail: secret, salvage: secret };
const limit = () => AbortSignal.timeout(10_000);

/** Promise: on a server that somebody else runs no session of ours stays that nobody needs; what was set is what it obeys. */
describe.each(enginesUnderTest.filter(isMysql))('%s', (name) => {
  let servers: ExistingMysqlServers;

  beforeAll(async () => {
    servers = await startExistingMysqlServers(name, ['mail']);
  }, 60_000);

  afterAll(async () => {
    await servers?.stop();
  });

  function sessionsOf(): MysqlSessions {
    const { name: member, endpoint } = servers.server('e0');
    const credentials = async () => ({ ok: true, ...ADMINISTRATOR, rolePasswords }) as const;
    return new MysqlSessions({ member, endpoint, database: 'imap', credentials });
  }

  /** But for the one that asks. */
  const ours = async (): Promise<number> => {
    const text = `SELECT COUNT(*) - 1 AS n FROM information_schema.processlist WHERE user = '${ADMINISTRATOR.username}'`;
    return Number((await servers.ask(servers.server('e0'), text))[0]?.n);
  };

  const ping = (sessions: MysqlSessions, between = (): void => undefined): Promise<unknown> =>
    sessions.pair(limit(), async ({ waiter, watcher }) => {
      between();
      for (const session of [waiter, watcher]) await session.batch([{ name: 'ping', text: 'SELECT 1' }]);
    });

  test('what is in use stays for the next use', async () => {
    const sessions = sessionsOf();
    await ping(sessions);
    await ping(sessions);
    expect(await ours()).toBe(2);
    sessions.close();
    await expect.poll(ours).toBe(0);
  });

  test('no connection of the monitor is left unfinished before it was seen that this does no harm', async () => {
    const sessions = sessionsOf();
    const unfinished = async (): Promise<number> =>
      Number((await servers.ask(servers.server('e0'), "SHOW GLOBAL STATUS LIKE 'Aborted_connects'"))[0]?.Value);
    const look = (mayGreet: boolean) =>
      probe(
        sessions,
        {
          members: [],
          silence: new UpstreamSilence(),
          mayGreet,
          standbyName: ({ host }) => host,
          judge: async () => undefined,
          unfit: () => null,
        },
        limit(),
      );
    const before = await unfinished();
    for (let count = 0; count < 3; count += 1) expect(await look(false)).toMatchObject({ ok: true });
    expect(await unfinished()).toBe(before);
    expect(await look(true)).toMatchObject({ ok: true });
    await expect.poll(unfinished).toBe(before + 1);
    sessions.close();
  });

  test('what was in use when all was dropped is dropped once it is not', async () => {
    const sessions = sessionsOf();
    await ping(sessions, () => sessions.drop());
    await expect.poll(ours).toBe(0);
    sessions.close();
  });

  test('a server that is closed is used no more, and one without a repository not for what needs it', async () => {
    const sessions = sessionsOf();
    await expect(sessions.inRepository(limit(), async () => undefined)).rejects.toThrow(SqlTrouble);
    sessions.close();
    await expect(sessions.use(limit(), async () => undefined)).rejects.toThrow('not ours to use');
    await expect.poll(ours).toBe(0);
  });

  test('a setting is in force, and is left alone where it is', async () => {
    const sessions = sessionsOf();
    const wanted = { sync_relay_log: 3 };
    await sessions.use(limit(), (admin) => applySettings(admin, wanted));
    const shown = await servers.ask(servers.server('e0'), 'SELECT @@GLOBAL.sync_relay_log AS value');
    expect(shown).toEqual([{ value: 3 }]);
    await sessions.use(limit(), (admin) => applySettings(admin, wanted));
    await sessions.use(limit(), closeAtStart);
    sessions.close();
    await servers.server('e0').stop('SIGTERM');
    await servers.server('e0').start();
    expect(await servers.isClosed(servers.server('e0'))).toBe(true);
  });
});
