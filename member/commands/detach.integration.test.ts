import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdsPosition } from '#database/position.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { askAs } from '../test-support/connect-as.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

// Promise: a replica that is told to detach after a position receives on until it has that; given up meanwhile, it goes on as it was.

const PATIENCE_MS = 500;

const MEBIBYTE = 1_024 ** 2;

/** A position that the primary has not come to. PostgreSQL writes a little by itself. */
function beyond(position: string): string {
  const [high, low] = position.split('/');
  if (low !== undefined) return `${high}/${(Number.parseInt(low, 16) + MEBIBYTE).toString(16).toUpperCase()}`;
  return position.replace(/\d+$/, (last) => String(Number(last) + 1));
}

describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Async', engine });
  }, 120_000);
  afterAll(() => running?.stop());

  const write = (statement: string) => askAs('mail', { member: running.primary, running }, statement);

  test('not before it has received so much', { timeout: 60_000 }, async () => {
    const { primary, epoch } = running;
    const [replica] = running.replicas;
    await write('CREATE TABLE t (id int)');
    // A report may be of before.
    const written = async () => (await primary.client.order(epoch, { kind: 'checkpoint', after: null })).received ?? '';
    await replica?.client.until(({ replication }) => replication?.upstream?.streaming === true);
    const ahead = { kind: 'detach', after: beyond(await written()) } as const;
    const early = await replica?.client.send(epoch, ahead, { expiresAt: Date.now() + PATIENCE_MS });
    expect(early).toMatchObject({ status: 500, body: { code: 'Timeout' } });
    await write('INSERT INTO t VALUES (1)');
    const after = await written();
    const detached = await replica?.client.order(epoch, { kind: 'detach', after });
    expect(holdsPosition(detached?.received ?? '', after)).toBe(true);
    await replica?.client.until(({ replication }) => replication?.upstream === null);
  });
});
