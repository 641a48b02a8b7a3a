import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MemberEndpoint, Target } from '#contract/routing-document.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { OperationId } from '../../store/types.ts';
import { type Notes, openRepository, type TestAccess } from '../test-support/open-repository.ts';
import { TestRepository } from '../test-support/test-repository.ts';
import type { TestServer } from '../test-support/test-server.ts';
import { WireProxy } from '../test-support/wire-proxy.ts';

// Promise: a member that comes back under another address, at the same epoch (its pod was replaced), is found there as soon
// as a document says so. No command fails, what has not moved is left alone, and nothing stays behind at the old address.

const attempt = { signal: new AbortController().signal };
describe.each(enginesUnderTest)('%s', (engine) => {
  let repository: TestRepository;
  let access: TestAccess;
  let notes: Notes;
  /** The writer, wherever it runs now. */
  let writer: TestServer;

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a', 'b'] });
    writer = repository.server('a');
    await writer.makeMarks();
  });
  afterEach(async () => await access?.close());
  afterAll(async () => {
    await writer?.stop();
    await repository?.close();
  });

  function open(target: Target): void {
    ({ access, notes } = openRepository(target));
  }
  function target(at: Readonly<Record<string, MemberEndpoint>> = {}, more: Partial<Target> = {}): Target {
    const known = repository.target('a', 1, more);
    return { ...known, members: { ...known.members, a: writer.endpoint, ...at } };
  }
  async function write(): Promise<string> {
    const id = randomUUID();
    const work = async (c: object): Promise<string> => {
      await repository.statements.mark(c, id);
      return id;
    };
    return await access.mutate(id as OperationId, work, attempt);
  }
  const pidOfWriter = async (): Promise<unknown> => await access.read((c) => repository.statements.session(c), attempt);
  async function readFrom(): Promise<string> {
    const work = async (c: object) => {
      await repository.statements.one(c);
      return { complete: true as const, value: null, bytes: 1 };
    };
    await access.readContent(work, attempt);
    const note = notes.reads.at(-1);
    return note?.source === 'replica' ? 'replica' : `primary: ${note?.fallback}`;
  }
  const connectionsOf = async (server: TestServer): Promise<number> => (await server.mailSessions()).length;

  test('a reader that moved is read from where it is now; the writer does not notice', async () => {
    const proxy = await WireProxy.start(repository.server('b').endpoint, repository.engine);
    open(target({ b: proxy.endpoint }));
    await expect.poll(readFrom).toBe('replica');
    const pid = await pidOfWriter();
    const before = await connectionsOf(repository.server('b'));
    access.retarget(target());
    await expect.poll(readFrom).toBe('replica');
    await proxy.close();
    await expect
      .poll(() => access.readers.map(({ name, serving }) => ({ name, serving })))
      .toEqual([{ name: 'b', serving: true }]);
    expect(await readFrom()).toBe('replica');
    expect(await pidOfWriter()).toBe(pid);
    await expect.poll(() => connectionsOf(repository.server('b'))).toBeLessThanOrEqual(before);
    const keys = access.poolUses.map(({ member, role }) => `${member} ${role}`);
    expect(keys).toEqual([...new Set(keys)]);
  });

  test('a writer that comes back under another address gets what was held, and nobody is refused', async () => {
    open(target());
    await write();
    const old = writer;
    const stop = new AbortController();
    const written: string[] = [];
    const writing = Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) written.push(await write());
    });
    await expect.poll(() => written.length).toBeGreaterThan(20);
    await old.stop('SIGQUIT');
    writer = await repository.newServer('a');
    await writer.start();
    const before = written.length;
    await expect.poll(() => access.view.held).toBe(4);
    access.retarget(target());
    await expect.poll(() => written.length).toBeGreaterThan(before + 20);
    stop.abort();
    await Promise.all(writing);
    expect(access.view).toMatchObject({ epoch: 1, writerReachable: true, held: 0 });
    const marks = await writer.marks();
    expect(new Set(marks).size).toBe(marks.length);
    expect(marks).toEqual(expect.arrayContaining(written));
  });

  test('a lease goes on at the new address, and is renewed by a replica that streams from there', async () => {
    const lease = { durability: 'Async', leaseSeconds: 2 } as const;
    const streamFrom = async (host: string): Promise<void> => {
      await repository.server('b').follow({ host, port: writer.port });
    };
    await streamFrom('127.0.0.1');
    open(target({}, lease));
    const left = (): number => access.view.leaseRemainingMs ?? 0;
    await expect.poll(left).toBeGreaterThan(1_000);
    await write();
    // The document comes first: the lease was for the epoch, and the epoch is the same.
    access.retarget(target({ a: { host: 'localhost', port: writer.port } }, lease));
    expect(left()).toBeGreaterThan(0);
    await write();
    // A stream from another address than the document's is no proof.
    await expect.poll(left).toBe(0);
    const held = write();
    await streamFrom('localhost');
    await held;
    expect(left()).toBeGreaterThan(0);
  });
});
