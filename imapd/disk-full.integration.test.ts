import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PUSH_PATH, type RoutingBelief } from '#contract/push-api.ts';
import { userPath, usersPath } from '#contract/users-api.ts';
import { SmallVolume, whyNoSmallVolume } from '#runtime/test-support/small-volume.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { TestRepository } from './routing/test-support/test-repository.ts';
import { RawClient } from './session/test-support/raw-client.ts';
import { RecordedLog } from './session/test-support/recorded-log.ts';
import { noise } from './test-support/noise.ts';
import { json, startTestImapd, type TestImapd } from './test-support/test-imapd.ts';

// Promise: a database whose volume is full refuses at once and in words what it has no room for; nothing that was
// acknowledged is missing, reading goes on, no session ends, and writing resumes by itself.

const reason = await whyNoSmallVolume();
if (reason !== null) process.stderr.write(`imapd/disk-full: skipped: ${reason}\n`);

const NOBODY = 65_534;
const KiB = 1024;
/** A message inline and one that is staged in chunks; neither can be compressed away. */
const SMALL = 100 * KiB;
const LARGE = 700 * KiB;

describe.skipIf(reason !== null)('a primary without disk space', () => {
  const log = new RecordedLog();
  let repository: TestRepository;
  let volume: SmallVolume;
  let cluster: TestCluster;
  let imapd: TestImapd;
  let writer: RawClient;
  let reader: RawClient;
  const acknowledged = new Map<number, string>();

  beforeAll(async () => {
    repository = await TestRepository.start({ members: ['a'] });
    volume = await SmallVolume.mount(join(repository.folder, 'small'), { kibibytes: 8 * KiB, uid: NOBODY });
    // The log lies elsewhere: this is about the files of data alone. A log without space ends the server (see `member`).
    const server = repository.server('a');
    await server.sql(`CREATE TABLESPACE small LOCATION '${volume.path}'`);
    await server.sql('ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE small');
    await server.sql('ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE small');
    cluster = await TestCluster.start(['users-a']);
    imapd = await startTestImapd(cluster, { log, targets: { 'users-a': repository.target('a', 1) } });
    const user = json('POST', { name: 'ada', password: 'secret' });
    expect((await imapd.ask(usersPath, user)).status).toBe(201);
    [writer, reader] = [await signIn(), await signIn()];
    await reader.command('s SELECT INBOX');
  });
  afterAll(async () => {
    await imapd?.stop();
    await cluster?.close();
    await repository?.servers.get('a')?.stop();
    await volume?.unmount();
    await repository?.close();
  });

  async function signIn(): Promise<RawClient> {
    const client = await RawClient.greeted(imapd.imapPort);
    expect((await client.command('in LOGIN ada secret')).at(-1)).toMatch(/^in OK/);
    return client;
  }

  /** The tagged answer; what was acknowledged is remembered. */
  async function append(octets: number): Promise<string> {
    const message = noise(octets);
    writer.send(`a APPEND INBOX {${message.length}+}\r\n${message}\r\n`);
    const answer = (await writer.readTagged('a')).at(-1) ?? '';
    const uid = /APPENDUID \d+ (\d+)/.exec(answer)?.[1];
    if (uid !== undefined) acknowledged.set(Number(uid), message);
    return answer;
  }

  async function appendUntilRefused(octets: number): Promise<string> {
    for (;;) {
      const answer = await append(octets);
      if (!answer.startsWith('a OK')) return answer;
    }
  }

  async function fetched(client: RawClient, uid: number): Promise<string> {
    client.send(`f UID FETCH ${uid} BODY.PEEK[]\r\n`);
    return (await client.readTagged('f')).join('\r\n');
  }

  test('what does not fit is refused at once and in words, small or streamed', async () => {
    for (const octets of [SMALL, LARGE, SMALL]) {
      expect(await appendUntilRefused(octets)).toMatch(/^a NO \[UNAVAILABLE\] .*no disk space/);
    }
    const began = performance.now();
    expect(await append(LARGE)).toMatch(/^a NO \[UNAVAILABLE\] .*no disk space/);
    // Not held for `writeHold` (15 s): no failover would bring space.
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(log.codes().filter((code) => code === 'DiskFull')).toHaveLength(1);
    expect(log.codes()).not.toContain('CommandFailed');
    expect(log.codes()).not.toContain('WriterLost');
  });

  test('reading goes on, in sessions that are open and in new ones', async () => {
    const [uid = 0] = acknowledged.keys();
    expect((await reader.command('n NOOP')).at(-1)).toMatch(/^n OK/);
    expect(await fetched(reader, uid)).toContain(acknowledged.get(uid));
    const another = await signIn();
    expect((await another.command('s SELECT INBOX')).at(-1)).toMatch(/^s OK/);
    expect(await fetched(another, uid)).toContain(acknowledged.get(uid));
    another.close();
  });

  test('an import is told the same, and the operator that the writer lives', async () => {
    const query = new URLSearchParams({ mailbox: 'INBOX', operation: crypto.randomUUID() });
    const headers = { 'content-type': 'message/rfc822' };
    const path = `${userPath('ada', 'messages')}?${query}`;
    const answer = await imapd.ask(path, { method: 'POST', body: noise(LARGE), headers });
    expect([answer.status, await answer.json()]).toEqual([
      507,
      { code: 'DiskFull', message: 'the database has no disk space left' },
    ]);
    const belief = (await (await imapd.ask(PUSH_PATH)).json()) as RoutingBelief;
    expect(belief.repositories['users-a']).toMatchObject({ writerReachable: true, writerFailure: null, held: 0 });
  });

  test('once there is space, writing goes on in the same session; every acknowledged message is there, and no other', async () => {
    await volume.grow(64 * KiB);
    expect(await append(LARGE)).toMatch(/^a OK/);
    expect(await append(SMALL)).toMatch(/^a OK/);
    await reader.command('n NOOP');
    const found = (await reader.command('u UID SEARCH ALL'))[0]?.split(' ').slice(2).map(Number);
    expect(found).toEqual([...acknowledged.keys()]);
    for (const [uid, message] of acknowledged) expect(await fetched(reader, uid)).toContain(message);
    expect(log.codes().filter((code) => code === 'DiskFull')).toHaveLength(1);
  });
});
