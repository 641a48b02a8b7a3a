import { randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseTls } from '#contract/database-tls.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { ServerCertificates } from '#database/test-support/server-certificates.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { Store } from '../../store/store.ts';
import type { OperationId, Uid } from '../../store/types.ts';
import { RepositoryUnavailable } from '../repository-access.ts';
import { openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';
import { HOST_BASED_ACCESS, withoutTls, withTls } from '../test-support/tls-settings.ts';

// Promise: where a target asks for TLS nothing is said to a server that does not prove who it is, and why is told; it is no proof
// that the server is dead. What is mended in the target is mended without a restart.

const attempt = { signal: new AbortController().signal };

describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  let certificates: ServerCertificates;
  let strangers: ServerCertificates;
  let log: RecordedLog;
  let access: TestAccess;
  let store: Store;

  const server = () => repository.server('a');
  const restart = async (settings: Readonly<Record<string, string>>): Promise<void> => {
    await server().stop('SIGINT');
    await server().start(settings);
  };

  beforeAll(async () => {
    [certificates, strangers] = await Promise.all([ServerCertificates.create(), ServerCertificates.create()]);
    repository = await TestRepository.start({ engine, members: ['a'] });
    await server().makeMarks();
    if (engine === 'postgresql') await writeFile(join(server().data, 'pg_hba.conf'), HOST_BASED_ACCESS);
    await restart(withTls(repository.engine, await certificates.issue()));
  });
  afterEach(async () => await access?.close());
  afterAll(async () => {
    await repository?.close();
    await certificates?.[Symbol.asyncDispose]();
    await strangers?.[Symbol.asyncDispose]();
  });

  const target = (tls: DatabaseTls | null) => repository.target('a', 1, tls === null ? {} : { tls });
  function open(tls: DatabaseTls | null, writeHoldMs = 10_000): void {
    log = new RecordedLog();
    ({ access, store } = openRepository(target(tls), { log, writeHoldMs }));
  }
  const write = async (): Promise<void> =>
    await access.mutate(
      randomUUID() as OperationId,
      async (c) => await repository.statements.mark(c, randomUUID()),
      attempt,
    );
  const reasons = (): unknown[] =>
    log.events.flatMap(({ code, fields }) => (code === 'DatabaseNotVerified' ? [fields] : []));

  async function refuses(tls: DatabaseTls | null, reason: RegExp): Promise<void> {
    open(tls, 500);
    await expect(write()).rejects.toThrow(RepositoryUnavailable);
    // Also to those who only look: the watch of positions.
    expect(reasons()).toEqual([{ partition: 'users-a', member: 'a', reason: expect.stringMatching(reason) }]);
    expect(access.view).toMatchObject({ writerReachable: false, writerFailure: 'sql' });
  }

  test.each([
    ['the name of the certificate', { serverName: 'database.example' }],
    ['an address that is in the certificate', {}],
  ])('mail is written and read over TLS, by %s, octet for octet', async (_, more) => {
    open({ ca: certificates.ca, ...more });
    const [owner, id] = [randomUUID(), randomUUID() as OperationId];
    const account = { operation: randomUUID() as OperationId, name: owner, passwordHash: 'x', mailboxes: [] };
    await store.createAccount(account, attempt);
    const text = Buffer.concat([Buffer.from('Subject: octets\r\n\r\n'), randomBytes(1_000_000)]);
    const source = async function* (): AsyncGenerator<Buffer> {
      yield text;
    };
    const staged = await store.stage(source(), { operation: id, ordinal: 0 }, attempt);
    const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
    const outcome = await store.append({ operation: id, owner, mailbox: 'INBOX', messages }, attempt);
    if (outcome.kind !== 'appended') throw new Error(outcome.kind);
    const [mailbox, uid] = [outcome.mailbox, outcome.uids[0] as Uid];
    const raw = await Array.fromAsync(store.readRaw({ mailbox, uid, offset: 0, length: text.length }, attempt));
    expect(Buffer.concat(raw).equals(text)).toBe(true);
    const rows = store.readMessages({ mailbox, uids: [uid], fields: new Set(['header', 'contentHash']) }, attempt);
    expect((await Array.fromAsync(rows)).flat()).toHaveLength(1);
    expect(reasons()).toEqual([]);
  });

  test('who speaks no TLS with this server is not let in', async () => {
    open(null, 500);
    await expect(write()).rejects.toThrow(RepositoryUnavailable);
    expect(reasons()).toEqual([]);
  });

  test('a server of another authority is told nothing', async () => {
    await refuses({ ca: strangers.ca, serverName: 'database.example' }, /of no authority that is known/);
  });

  test('nor is one of no authority that is known to all', async () => {
    await refuses({ serverName: 'database.example' }, /of no authority that is known/);
  });

  test('nor one of another name', async () => {
    await refuses({ ca: certificates.ca, serverName: 'other.example' }, /another name.*other\.example/);
  });

  test('an authority that is mended while commands wait is good at once, and one that is taken away is not', async () => {
    open({ ca: strangers.ca });
    const waiting = write();
    await expect.poll(reasons).toHaveLength(1);
    access.retarget(target({ ca: `${strangers.ca}${certificates.ca}` }));
    await waiting;
    expect(access.view).toMatchObject({ writerReachable: true, writerFailure: null });
    access.retarget(target({ ca: strangers.ca }));
    const late = write();
    await expect.poll(reasons).toHaveLength(2);
    access.retarget(target({ ca: certificates.ca }));
    await late;
  });

  test('a server whose certificate has expired is told nothing', async () => {
    await restart(withTls(repository.engine, await certificates.issueExpired()));
    await refuses({ ca: certificates.ca }, /has expired/);
  });

  test('nor one that speaks no TLS', async () => {
    await restart(withoutTls[repository.engine]);
    await refuses({ ca: certificates.ca }, /speaks no TLS/);
  });
});
