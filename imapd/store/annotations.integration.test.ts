import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { SERVER } from './annotations.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import type { MailboxId } from './types.ts';

describe.each(enginesUnderTest)('%s', (engine) => {
  const MOST = 10_000;
  let server: TestStoreServer;
  let f: StoreFixture;
  let sent: MailboxId;
  beforeAll(async () => {
    server = await startStoreServer(engine);
  });
  beforeEach(async () => {
    f = await server.openStore({ annotationOctets: MOST });
    sent = (await f.store.findMailbox('ada', 'Sent', attempt))?.id as MailboxId;
    return () => f.close();
  });
  afterAll(() => server?.stop());

  const write = async (mailbox: MailboxId, entry: string, octets: number | null): Promise<string> => {
    const changes = [{ entry, value: octets === null ? null : Buffer.alloc(octets) }];
    const request = { operation: operation(), mailbox, reader: 'ada', changes, most: 99 };
    return (await f.store.writeAnnotations(request, attempt)).kind;
  };

  const insert = (mailbox: MailboxId, entry: string, octets: number) =>
    f.sql("INSERT INTO mail.annotation (mailbox, reader, entry, value) VALUES (?, '', ?, ?)", [
      mailbox,
      entry,
      Buffer.alloc(octets, 'x'),
    ]);

  const read = (mailboxes: readonly MailboxId[], maxSize: number | null = null) =>
    f.store.readAnnotations({ mailboxes, reader: 'ada', entries: ['/shared'], depth: 'infinity', maxSize }, attempt);

  test('a page ends where a MiB of values is reached, behind a whole mailbox', async () => {
    await insert(f.inbox, '/a', 300_000);
    await insert(sent, '/a', 500_000);
    await insert(sent, '/b', 500_000);
    await insert(SERVER, '/a', 1);
    const { annotations, complete } = await read([f.inbox, sent, SERVER]);
    expect({ complete, of: annotations.map(({ mailbox, entry }) => [mailbox, entry]) }).toEqual({
      complete: 2,
      of: [
        [f.inbox, '/shared/a'],
        [sent, '/shared/a'],
        [sent, '/shared/b'],
      ],
    });
    expect(await read([SERVER, f.inbox])).toMatchObject({ complete: 2 });
  });

  test('values larger than asked for are told, not read, and fill no page', async () => {
    await insert(f.inbox, '/a', 2_000_000);
    await insert(sent, '/a', 5);
    const { annotations, complete } = await read([f.inbox, sent], 10);
    expect(complete).toBe(2);
    expect(annotations.map(({ octets, value }) => [octets, value?.length])).toEqual([
      [2_000_000, undefined],
      [5, 5],
    ]);
  });

  test('a user has only so many octets in all mailboxes together, shared ones of his mailboxes included', async () => {
    expect(await write(f.inbox, '/private/a', 4000)).toBe('written');
    expect(await write(sent, '/shared/a', 4000)).toBe('written');
    expect(await write(SERVER, '/private/a', 2000)).toBe('overQuota');
    expect(await write(SERVER, '/private/a', 1900)).toBe('written');
    expect(await write(f.inbox, '/private/b', 100)).toBe('overQuota');
    expect(await write(f.inbox, '/private/a', null)).toBe('written');
    expect(await write(f.inbox, '/private/b', 100)).toBe('written');
  });

  test('RENAME of INBOX does not copy more of them than there may be', async () => {
    const rename = (to: string) =>
      f.store.renameMailbox({ operation: operation(), owner: 'ada', name: 'INBOX', to }, attempt);
    expect(await write(f.inbox, '/private/a', 4000)).toBe('written');
    expect(await rename('one')).toMatchObject({ kind: 'renamed' });
    expect(await rename('two')).toEqual({ kind: 'overQuota' });
    expect(await f.store.findMailbox('ada', 'two', attempt)).toBeNull();
  });

  test('two who write at once see what the other has written', async () => {
    const outcomes = await Promise.all([write(f.inbox, '/shared/a', 6000), write(sent, '/shared/a', 6000)]);
    expect(outcomes.toSorted()).toEqual(['overQuota', 'written']);
  });

  test('one whose account is in another partition has no more than others, in mailboxes of several owners at once', async () => {
    const owners = ['one', 'two', 'three', 'four', 'five', 'six'];
    const changes = [{ entry: '/private/a', value: Buffer.alloc(3000) }];
    const inboxes = await Promise.all(
      owners.map(async (name) => {
        await f.store.createAccount({ operation: operation(), name, passwordHash: 'x', mailboxes: [] }, attempt);
        return (await f.store.findMailbox(name, 'INBOX', attempt))?.id as MailboxId;
      }),
    );
    const outcomes = await Promise.all(
      inboxes.map((mailbox) =>
        f.store.writeAnnotations({ operation: operation(), mailbox, reader: 'guest', changes, most: 99 }, attempt),
      ),
    );
    expect(outcomes.filter(({ kind }) => kind === 'written')).toHaveLength(3);
    expect(outcomes.filter(({ kind }) => kind === 'overQuota')).toHaveLength(3);
  });
});
