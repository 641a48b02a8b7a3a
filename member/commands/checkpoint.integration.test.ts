import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseControlFile } from '../postgres/data-directory/control-file.ts';
import { askAs } from '../test-support/connect-as.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { startRepository } from '../test-support/start-repository.ts';

const checkpointOf = async ({ dataDirectory }: RunningMember): Promise<string> =>
  parseControlFile(await readFile(join(dataDirectory, 'global', 'pg_control'))).checkpoint;

const NEVER = 'FFFFFFFF/FFFFFFFF';

test('a primary and then its replica write out what is dirty; a wait in vain holds up no other command', async () => {
  const running = await startRepository({ members: 2, durability: 'Async' });
  onTestFinished(() => running.stop());
  const [primary, replica] = running.members as [RunningMember, RunningMember];
  await replica.client.until((report) => report.replication?.upstream?.streaming === true);
  await askAs('mail', { member: primary, running }, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS id');
  const before = await checkpointOf(primary);

  const { received } = await primary.client.order(1, { kind: 'checkpoint', after: null });
  expect(await checkpointOf(primary)).not.toBe(before);
  await replica.client.order(1, { kind: 'checkpoint', after: received! });
  expect(await checkpointOf(replica)).toBe(await checkpointOf(primary));

  const expiresAt = Date.now() + 1_500;
  const inVain = replica.client.send(1, { kind: 'checkpoint', after: NEVER }, { expiresAt });
  let ended = false;
  void inVain.then(() => {
    ended = true;
  });
  expect(await replica.client.order(1, { kind: 'catchUp' })).toMatchObject({ kind: 'catchUp' });
  expect(ended).toBe(false);
  expect(await inVain).toMatchObject({ status: 500, body: { code: 'Timeout' } });
});
