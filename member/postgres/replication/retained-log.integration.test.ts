import { expect, test } from 'vitest';
import { askAs } from '../../test-support/connect-as.ts';
import type { RunningMember } from '../../test-support/start-members.ts';
import { startRepository } from '../../test-support/start-repository.ts';

test('a replica that was away for longer than the bound of kept log says that it must be cloned', async () => {
  await using running = await startRepository({
    members: 2,
    durability: 'Async',
    parameters: { wal_keep_size: '0', max_wal_size: '32MB', min_wal_size: '32MB' },
  });
  const [primary, replica] = running.members as [RunningMember, RunningMember];
  const upstream = { member: primary.name, endpoint: { ...primary.endpoint } };
  const ask = (statement: string) => askAs('mail', { member: primary, running }, statement);
  await primary.client.order(1, { kind: 'keepFor', members: ['a1'], retainBytes: 16 * 1024 * 1024 });
  await replica.client.order(1, { kind: 'detach' });
  await ask('CREATE TABLE filling (body text)');
  const lost = async (): Promise<boolean> => {
    await ask('INSERT INTO filling SELECT repeat(md5(i::text), 40) FROM generate_series(1, 12000) AS s(i)');
    await ask('TRUNCATE filling');
    const [slot] = await ask("SELECT restart_lsn IS NULL OR wal_status = 'lost' AS lost FROM pg_replication_slots");
    return slot?.lost === true;
  };
  await expect.poll(lost, { timeout: 30_000, interval: 10 }).toBe(true);

  const answer = await replica.client.send(1, { kind: 'follow', upstream });
  expect(answer).toMatchObject({ status: 422, body: { code: 'LogRemoved' } });
  await replica.client.until((report) => report.rebuild === 'LogRemoved');
  // A copy needs a bound above what is written while it lasts: sixteen megabytes are too few for that.
  await primary.client.order(1, { kind: 'keepFor', members: ['a1'], retainBytes: 256 * 1024 * 1024 });
  // A backup switches segments twice: a bound of one segment would drop the log of the very copy under way.
  await primary.client.order(1, { kind: 'keepFor', members: ['a1'], retainBytes: 1024 * 1024 * 1024 });
  await replica.client.order(1, { kind: 'clone', from: upstream, wipe: true });
  const report = await replica.client.until((r) => r.replication?.upstream?.streaming === true);
  expect(report.rebuild).toBeNull();
});
