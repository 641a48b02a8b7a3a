import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { Answer } from '../test-support/agent-client.ts';
import { askAs } from '../test-support/connect-as.ts';
import { type SilentProxy, startSilentProxy } from '../test-support/silent-proxy.ts';
import { StartHolder } from '../test-support/start-holder.ts';
import type { RunningMember } from '../test-support/start-members.ts';
import { type RunningRepository, startRepository } from '../test-support/start-repository.ts';

/**
 * Promise: a former primary whose `follow` is given up for a command that goes ahead is no diverged one: it stays the replica that it
 * was made, and attaches as soon as it is told again. Where its log does differ, what only it has can be salvaged still.
 */
describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;
  let holder: StartHolder;
  let epoch = 1;
  const ways: SilentProxy[] = [];

  beforeAll(async () => {
    holder = await StartHolder.create(engine);
    running = await startRepository({ members: 2, durability: 'Async', engine, parameters: holder.parameters });
  }, 120_000);
  afterAll(async () => {
    for (const way of ways) way.close();
    await running?.stop();
    await holder?.[Symbol.asyncDispose]();
  });

  const ask = (member: RunningMember, statement: string) => askAs('mail', { member, running }, statement);
  const upstream = ({ name, endpoint }: RunningMember, port = endpoint.port) => ({
    member: name,
    endpoint: { host: '127.0.0.1', port },
  });

  async function promote(member: RunningMember): Promise<void> {
    await member.client.order(epoch, { kind: 'promote', synchronous: { required: 0, members: [] } });
    await member.client.order(epoch, { kind: 'stamp', epoch, uidGap: 0 });
    await member.client.order(epoch, { kind: 'grant' });
  }

  /** Given up between its start as a replica and the first octet of the log. Answers what `detach`, which goes ahead, is told. */
  async function giveUpFollow(former: RunningMember, primary: RunningMember): Promise<Answer> {
    const way = await startSilentProxy(primary.endpoint.port);
    ways.push(way);
    const { promise: followed, resolve } = Promise.withResolvers<Answer>();
    const { release } = await holder.hold(former, 'replica', () => {
      const there = upstream(primary, Number(new URL(way.url).port));
      void former.client.send(epoch, { kind: 'follow', upstream: there }).then(resolve);
    });
    way.silence();
    await release();
    await former.client.until(({ state }) => state === 'running');
    epoch += 1;
    const detached = await former.client.send(epoch, { kind: 'detach' });
    expect(await followed).toMatchObject({ status: 422, body: { code: 'Superseded' } });
    return detached;
  }

  test('it is a replica still, and follows when it is told again', async () => {
    const [former, primary] = running.members as [RunningMember, RunningMember];
    epoch += 1;
    await former.client.order(epoch, { kind: 'stop', mode: 'fast' });
    await primary.client.order(epoch, { kind: 'detach' });
    await promote(primary);
    expect(await giveUpFollow(former, primary)).toMatchObject({ status: 200 });
    await former.client.order(epoch, { kind: 'follow', upstream: upstream(primary) });
    await ask(primary, 'CREATE TABLE t (id int PRIMARY KEY)');
    await expect.poll(() => ask(former, 'SELECT id FROM t')).toEqual([]);
  });

  test('one that has diverged is found so by the next, and opened for salvage as the primary it was', async () => {
    const [primary, former] = running.members as [RunningMember, RunningMember];
    epoch += 1;
    await primary.client.order(epoch, { kind: 'detach' });
    await ask(former, 'INSERT INTO t VALUES (1)');
    await former.client.order(epoch, { kind: 'stop', mode: 'kill' });
    await promote(primary);
    await giveUpFollow(former, primary);
    const again = await former.client.send(epoch, { kind: 'follow', upstream: upstream(primary) });
    expect(again).toMatchObject({ status: 422, body: { code: 'Diverged' } });
    await former.client.order(epoch, { kind: 'openForSalvage' });
    const t = engine === 'postgresql' ? 'mail.t' : 't';
    expect(await askAs('salvage', { member: former, running }, `SELECT id FROM ${t}`)).toEqual([{ id: 1 }]);
  });

  test('a rewind that is given up while the server stops has touched nothing, and may be asked for again', async () => {
    const [primary, former] = running.members as [RunningMember, RunningMember];
    const { serverPid } = await former.client.status();
    process.kill(serverPid ?? 0, 'SIGSTOP');
    epoch += 1;
    const rewound = former.client.send(epoch, { kind: 'rewind', from: upstream(primary) });
    await former.client.until(({ highestEpoch }) => highestEpoch === epoch);
    epoch += 1;
    await former.client.order(epoch, { kind: 'keepFor', members: [primary.name], retainBytes: 64 * 1024 * 1024 });
    expect(await rewound).toMatchObject({ status: 422, body: { code: 'Superseded' } });
    expect(await former.client.status()).toMatchObject({ state: 'stopped' });
    // The embedded PostgreSQL cannot, nor can the others; without data it would not be asked.
    const again = await former.client.send(epoch, { kind: 'rewind', from: upstream(primary) });
    expect(again).toMatchObject({ body: { code: 'RewindUnavailable' } });
  }, 60_000);
});
