import { describe, expect, test } from 'vitest';
import { packagedServers, type ServerName } from '#database/programs/catalogue.ts';
import { type EngineUnderTest, enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { ExistingCluster } from '../../../test-support/existing-cluster.ts';
import { type ExistingMysqlOptions, startExistingMysqlServers } from '../../../test-support/existing-mysql-servers.ts';

/** Promise: what a server lacks is said in words that mend it, and until it is mended nothing is changed in any of them. */
const quorum = { mode: 'Quorum', whenDegraded: 'Hold' } as const;
const THREE = ['mail', 'mail', 'mail'];

const isMysql = (engine: EngineUnderTest): engine is ServerName => engine !== 'postgresql';
/** MySQL keeps itself closed, and needs no line for it. */
const isMariadb = (engine: EngineUnderTest): engine is ServerName =>
  isMysql(engine) && packagedServers[engine].kind === 'mariadb';

const allOf = async <T>(cluster: ExistingCluster, ask: (name: string) => Promise<T>): Promise<T[]> =>
  await Promise.all(cluster.servers.servers.map(({ name }) => ask(name)));

describe.each(enginesUnderTest.filter(isMysql))('%s', (name) => {
  const start = (options: ExistingMysqlOptions) => startExistingMysqlServers(name, THREE, options);

  test('a setting that has to be another one', { timeout: 120_000 }, async () => {
    const servers = await start({ linesOf: { e1: ['sync_binlog=0'] } });
    await using cluster = new ExistingCluster(servers, quorum);
    const told = () => allOf(cluster, (member) => servers.told(servers.server(member)));
    const before = await told();
    await cluster.start();
    await cluster.until(() => cluster.condition('MembersUsable')?.reason === 'SettingsUnfit');
    expect(cluster.condition('MembersUsable')?.message).toBe('e1: sync_binlog is 0 and has to be 1');
    expect(await told()).toEqual(before);
    await servers.asOwner(servers.server('e1'), 'SET GLOBAL sync_binlog = 1');
    await cluster.until((record) => record.phase === 'Healthy');
  });

  test('a right that the administrator lacks', { timeout: 120_000 }, async () => {
    const servers = await start({ statements: ["REVOKE PROCESS ON *.* FROM 'dba'@'%'"] });
    await using cluster = new ExistingCluster(servers, quorum);
    await cluster.start();
    await cluster.until(() => cluster.condition('MembersUsable')?.reason === 'RightsMissing');
    const grant = /GRANT PROCESS ON \*\.\* TO 'dba'@'%' WITH GRANT OPTION/.exec(
      cluster.condition('MembersUsable')?.message ?? '',
    )?.[0];
    expect(grant).toBeDefined();
    await servers.asOwner(servers.server('e0'), grant ?? '');
    await cluster.until((record) => record.phase === 'Healthy');
  });

  test('two servers with one number', { timeout: 120_000 }, async () => {
    const servers = await startExistingMysqlServers(name, ['mail', 'other'], { linesOf: { e1: ['server_id=100'] } });
    await using cluster = await new ExistingCluster(servers, quorum).start();
    const said = (): string => cluster.condition('MembersUsable')?.message ?? '';
    await cluster.until(() => said().includes('e0: ') && said().includes('e1: '));
    expect(said()).toContain('e0: server_id is 100, as that of e1, and has to be its own');
  });
});

describe.each(enginesUnderTest.filter(isMariadb))('%s', (name) => {
  test('without a line in its file it would begin open: said after each such start', { timeout: 120_000 }, async () => {
    const servers = await startExistingMysqlServers(name, THREE, { linesOf: { e1: ['read_only=0'] } });
    await using cluster = await new ExistingCluster(servers, quorum).start();
    const said = (): string => cluster.condition('MembersUsable')?.message ?? '';
    await cluster.until(() => said().startsWith('e1: read_only is OFF after a start'));
    await servers.asOwner(servers.server('e1'), 'SET GLOBAL read_only = 1');
    await cluster.until((record) => record.phase === 'Healthy');
    expect(said()).not.toContain('read_only');

    await servers.server('e1').stop('SIGKILL');
    await servers.server('e1').start();
    await cluster.until(() => said().startsWith('e1: read_only is OFF after a start'));
    // It is shut all the same, and goes on being said.
    await expect.poll(() => servers.isClosed(servers.server('e1')), { timeout: 20_000 }).toBe(true);
    await cluster.until((record) => record.phase === 'Healthy');
    expect(said()).toMatch(/^e1: read_only is OFF after a start/);
  });
});
