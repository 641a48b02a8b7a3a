import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { openRepository, type TestAccess } from '../routing/test-support/open-repository.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';
import type { Store } from '../store/store.ts';
import type { OperationId } from '../store/types.ts';

/**
 * Promise: a client that knows a UID, whoever told it, never gets an OK for a command that passed the message over only
 * because this process had not heard of it yet. Two processes, which do not tell each other anything.
 */

describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  const accesses: TestAccess[] = [];
  const servers: TestServer[] = [];
  const clients: RawClient[] = [];

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a0'] });
    const one = await startProcess();
    const account = { operation: randomUUID() as OperationId, name: 'ada', passwordHash: 'x', mailboxes: [] };
    await one.createAccount(account, { signal: AbortSignal.timeout(20_000) });
    await startProcess();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      await client.command('o LOGOUT');
      client.close();
    }
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    for (const access of accesses) await access.close();
    await repository?.close();
  });

  async function startProcess(): Promise<Store> {
    const { access, store } = openRepository(repository.target('a0', 1));
    accesses.push(access);
    servers.push(
      await startTestServer({ authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }) }),
    );
    return store;
  }

  async function selected(process: number): Promise<RawClient> {
    const client = await RawClient.greeted(servers[process]?.port ?? 0);
    clients.push(client);
    await client.command('l LOGIN ada x');
    await client.command('s SELECT INBOX');
    return client;
  }

  const TEXT = 'Subject: new\r\n\r\nnew\r\n';

  /** Appends through the second process; the UID. */
  async function append(flags = ''): Promise<number> {
    const client = await selected(1);
    client.send(`p APPEND INBOX (${flags}) {${TEXT.length}+}\r\n${TEXT}\r\n`);
    const told = (await client.readTagged('p')).at(-1) ?? '';
    return Number(/APPENDUID \d+ (\d+)/.exec(told)?.[1]);
  }

  it.each([
    ['UID STORE', (uid: number) => `UID STORE ${uid} +FLAGS.SILENT (\\Flagged)`, /\* 1 EXISTS/],
    ['UID COPY', (uid: number) => `UID COPY ${uid} INBOX`, /OK \[COPYUID \d+ \d+ \d+\]/],
    ['UID FETCH', (uid: number) => `UID FETCH ${uid} (UID)`, /\* \d+ FETCH \(UID \d+\)/],
    ['UID EXPUNGE', (uid: number) => `UID EXPUNGE ${uid}`, /\* \d+ EXPUNGE/],
    ['UID MOVE', (uid: number) => `UID MOVE ${uid} INBOX`, /OK \[COPYUID \d+ \d+ \d+\]/],
  ])('%s reaches a message that the process has not heard of', async (name, command, told) => {
    const client = await selected(0);
    const uid = await append(name === 'UID EXPUNGE' ? '\\Deleted' : '');
    expect((await client.command(`a ${command(uid)}`)).join('\n')).toMatch(told);
  });

  it('waits for a writer rather than passing over a message that it cannot know of', async () => {
    const client = await selected(0);
    const uid = await append();
    const [access] = accesses;
    access?.retarget(repository.target(null, 1));
    client.send(`w UID STORE ${uid} +FLAGS (\\Flagged)\r\n`);
    // Only the client's own reading goes on: what is known is answered without a writer.
    const reader = await selected(0);
    expect((await reader.command('r UID FETCH 1 FLAGS')).at(-1)).toBe('r OK FETCH completed');
    access?.retarget(repository.target('a0', 1));
    const lines = await client.readTagged('w');
    expect(lines.join('\n')).toMatch(new RegExp(`FETCH \\(UID ${uid} FLAGS \\(\\\\Flagged`));
    expect(lines.at(-1)).toBe('w OK STORE completed');
  });

  it('shows a mailbox that nobody watched as it is, not as it was known before the writer went', async () => {
    const [access] = accesses;
    const before = await selected(0);
    await before.command('c UNSELECT');
    const uid = await append();
    access?.retarget(repository.target(null, 1));
    before.send('e EXAMINE INBOX\r\n');
    // By then the process has found out that there is no writer.
    expect(await (await selected(1)).command('n NOOP')).toEqual(['n OK NOOP completed']);
    access?.retarget(repository.target('a0', 1));
    expect((await before.readTagged('e')).join('\n')).toContain(`[UIDNEXT ${uid + 1}]`);
  });
});
