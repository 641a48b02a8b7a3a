import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HeartbeatAnswer } from '#contract/push-api.ts';
import { usersPath } from '#contract/users-api.ts';
import { pause } from '#runtime/deadline.ts';
import { SmallVolume, whyNoSmallVolume } from '#runtime/test-support/small-volume.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { TestRepository } from './routing/test-support/test-repository.ts';
import { RawClient } from './session/test-support/raw-client.ts';
import { RecordedLog } from './session/test-support/recorded-log.ts';
import { noise } from './test-support/noise.ts';
import { json, startTestImapd, type TestImapd } from './test-support/test-imapd.ts';

// Promise: where a primary has ended because its log has no disk space, and nobody takes over, clients are told so, and at once
// as soon as the operator says it; nobody waits in vain for a writer; replicas are read on; writing resumes in the same session.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`imapd/full-log: skipped: ${reason}\n`);

const run = promisify(execFile);
const NOBODY = 65_534;
const KiB = 1024;
const MESSAGE = 400 * KiB;
const WRITE_HOLD_MS = 3_000;

describe.skipIf(reason !== null)('a primary whose log has no disk space', () => {
  const log = new RecordedLog();
  let repository: TestRepository;
  let volume: SmallVolume;
  let cluster: TestCluster;
  let imapd: TestImapd;
  let client: RawClient;
  let nonce: string | null = null;
  const acknowledged = new Map<number, string>();

  beforeAll(async () => {
    repository = await TestRepository.start({ members: ['a', 'b'] });
    const server = repository.server('a');
    await server.stop('SIGINT');
    volume = await SmallVolume.mount(join(repository.folder, 'small'), { kibibytes: 128 * KiB, uid: NOBODY });
    await run('cp', ['-a', `${server.data}/pg_wal/.`, volume.path]);
    await run('rm', ['-r', `${server.data}/pg_wal`]);
    await run('ln', ['-s', volume.path, `${server.data}/pg_wal`]);
    await server.start();
    cluster = await TestCluster.start(['users-a']);
    const targets = { 'users-a': repository.target('a', 1) };
    imapd = await startTestImapd(cluster, { log, targets, more: { sessions: { writeHoldMs: WRITE_HOLD_MS } } });
    const user = json('POST', { name: 'ada', password: 'secret' });
    expect((await imapd.ask(usersPath, user)).status).toBe(201);
    client = await RawClient.greeted(imapd.imapPort);
    expect((await client.command('in LOGIN ada secret')).at(-1)).toMatch(/^in OK/);
    expect((await client.command('s SELECT INBOX')).at(-1)).toMatch(/^s OK/);
  });
  afterAll(async () => {
    await imapd?.stop();
    await cluster?.close();
    for (const server of repository?.servers.values() ?? []) await server.stop();
    await volume?.unmount();
    await repository?.close();
  });

  /** A heartbeat of the operator, which knows what the agent of the server says. */
  async function beat(full: readonly string[]): Promise<void> {
    const heartbeat = await cluster.heartbeat({ pod: 'imapd-0', echo: nonce, leases: {}, full });
    ({ nonce } = (await imapd.beat(heartbeat)) as HeartbeatAnswer);
    expect(nonce).toEqual(expect.any(String));
  }

  /** The tagged answer; what was acknowledged is remembered. */
  async function append(): Promise<string> {
    const message = noise(MESSAGE);
    client.send(`a APPEND INBOX {${message.length}+}\r\n${message}\r\n`);
    const answer = (await client.readTagged('a')).at(-1) ?? '';
    const uid = /APPENDUID \d+ (\d+)/.exec(answer)?.[1];
    if (uid !== undefined) acknowledged.set(Number(uid), message);
    return answer;
  }

  async function expectReadable(uid: number): Promise<void> {
    client.send(`f UID FETCH ${uid} BODY.PEEK[]\r\n`);
    expect((await client.readTagged('f')).join('\r\n')).toContain(acknowledged.get(uid));
  }

  test('whoever wrote when it ended is told of the space, if the server could say so; by the operator, in any case', async () => {
    for (let count = 0; count < 3; count += 1) expect(await append()).toMatch(/^a OK/);
    await beat([]);
    await volume.fill();
    let said = false;
    const saying = (async () => {
      while (!said) {
        await beat(log.codes().includes('WriterLost') ? ['users-a'] : []);
        await pause(200);
      }
    })();
    let answer = 'a OK';
    while (answer.startsWith('a OK')) answer = await append();
    said = true;
    await saying;
    expect(answer).toMatch(/^a NO \[UNAVAILABLE\] The server has no disk space left/);
  });

  test('from then on nobody is held, and reading goes on from the replica', async () => {
    await repository.server('a').until(async () => (await append()).includes('no disk space'));
    await beat(['users-a']);
    const began = performance.now();
    expect(await append()).toMatch(/^a NO \[UNAVAILABLE\] .*no disk space left; nothing was changed/);
    expect(performance.now() - began).toBeLessThan(2_000);
    for (const uid of acknowledged.keys()) await expectReadable(uid);
    expect(log.codes().filter((code) => code === 'DiskFull')).toHaveLength(1);
    expect(log.codes()).not.toContain('CommandFailed');
  });

  test('with space, and the server back, writing goes on in the same session; what was acknowledged is there', async () => {
    await volume.free();
    await repository.server('a').stop();
    await repository.server('a').start();
    await beat([]);
    expect(await append()).toMatch(/^a OK/);
    for (const uid of acknowledged.keys()) await expectReadable(uid);
  });
});
