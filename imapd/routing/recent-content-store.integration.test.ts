import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContentField, MessageContent, ReadMessages } from '../store/content-store.ts';
import type { AppendOutcome, Store } from '../store/store.ts';
import type { MailboxId, OperationId, Uid } from '../store/types.ts';
import { AheadContent } from './ahead-content.ts';
import { ListedContent } from './listed-content.ts';
import { RecentContent } from './recent-content.ts';
import { RecentContentStore } from './recent-content-store.ts';
import { openRepository, type TestAccess } from './test-support/open-repository.ts';
import { TestRepository } from './test-support/test-repository.ts';

const attempt = { signal: new AbortController().signal };
const fields: ReadonlySet<ContentField> = new Set([
  'size',
  'header',
  'envelope',
  'bodyStructure',
  'contentHash',
  'raw',
]);
const text = 'From: ada@example.org\r\nSubject: young\r\n\r\nFresh as the day.\r\n';
let repository: TestRepository;
let access: TestAccess;
let plain: Store;
let store: RecentContentStore;
let hits: number;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  ({ access, store: plain } = openRepository(repository.target('a', 1)));
  const onHit = (): void => {
    hits += 1;
  };
  const [recent, listed] = [new RecentContent(1_000_000), new ListedContent(1_000_000)];
  store = new RecentContentStore(plain, {
    recent,
    listed,
    ahead: new AheadContent(1_000_000),
    epoch: () => access.epoch,
    onHit,
    onSignatures: () => undefined,
  });
  const account = { operation: randomUUID() as OperationId, name: 'ada', passwordHash: 'x', mailboxes: [] };
  await store.createAccount({ ...account, mailboxes: [{ name: 'Other', specialUse: [] }] }, attempt);
});
afterAll(async () => {
  await access?.close();
  await repository?.close();
});

type Appended = Extract<AppendOutcome, { kind: 'appended' }>;
async function append(into: Store, operation = randomUUID()): Promise<Appended> {
  const staged = await into.stage(source(), { operation: operation as OperationId, ordinal: 0 }, attempt);
  const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date() }];
  const request = { operation: operation as OperationId, owner: 'ada', mailbox: 'INBOX', messages };
  const outcome = await into.append(request, attempt);
  if (outcome.kind !== 'appended') throw new Error(outcome.kind);
  return outcome;
}
async function* source(): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
async function read(
  mailbox: MailboxId,
  uids: readonly Uid[],
  more: Partial<ReadMessages> = {},
): Promise<MessageContent[]> {
  hits = 0;
  const found: MessageContent[] = [];
  for await (const batch of store.readMessages({ mailbox, uids, fields, ...more }, attempt)) found.push(...batch);
  return found;
}

test('what was just appended is answered from memory, exactly as the database would', async () => {
  const { mailbox, uids } = await append(store);
  const [remembered] = await read(mailbox, uids);
  expect(hits).toBe(1);
  const [stored] = await Array.fromAsync(plain.readMessages({ mailbox, uids, fields }, attempt));
  expect(remembered).toMatchObject({ ...stored?.[0] });
  const raw = await Array.fromAsync(store.readRaw({ mailbox, uid: uids[0] as Uid, offset: 6, length: 3 }, attempt));
  expect(Buffer.concat(raw).toString()).toBe('ada');
});

test('known and unknown messages come in one ascending list', async () => {
  const all: Uid[] = [];
  const stores = [plain, store, plain, plain, store, plain];
  let mailbox = '' as MailboxId;
  for (const into of stores) {
    const appended = await append(into);
    mailbox = appended.mailbox;
    all.push(...appended.uids);
  }
  const found = await read(mailbox, all);
  expect(found.map(({ uid }) => uid)).toEqual(all);
  expect(hits).toBe(2);
  expect(found.every(({ raw }) => raw?.toString() === text)).toBe(true);
});

test('what was fetched young is remembered, a copy has the content of its original', async () => {
  const { mailbox, uids } = await append(plain);
  await read(mailbox, uids, { learntAt: performance.now() });
  expect(hits).toBe(0);
  await read(mailbox, uids);
  expect(hits).toBe(1);
  const request = {
    operation: randomUUID() as OperationId,
    from: mailbox,
    owner: 'ada',
    to: 'Other',
    uids,
    move: false,
  };
  const copied = await store.copy(request, attempt);
  if (copied.kind !== 'copied') throw new Error(copied.kind);
  expect(await read(copied.mailbox, copied.target)).toHaveLength(1);
  expect(hits).toBe(1);
});

test('a copy is saved when it is made, whatever is remembered of its original', async () => {
  const { mailbox, uids } = await append(plain);
  const savedAt = { fields: new Set<ContentField>(['savedAt', 'raw']) };
  const [original] = await read(mailbox, uids, { ...savedAt, learntAt: performance.now() });
  const request = {
    operation: randomUUID() as OperationId,
    from: mailbox,
    owner: 'ada',
    to: 'Other',
    uids,
    move: false,
  };
  const copied = await store.copy(request, attempt);
  if (copied.kind !== 'copied') throw new Error(copied.kind);
  const [copy] = await read(copied.mailbox, copied.target, savedAt);
  expect(copy?.savedAt?.getTime()).toBeGreaterThan(original?.savedAt?.getTime() ?? Number.POSITIVE_INFINITY);
});

test('a replacement is remembered as what is appended is', async () => {
  const { mailbox, uids } = await append(plain);
  const operation = randomUUID() as OperationId;
  const staged = await store.stage(source(), { operation, ordinal: 0 }, attempt);
  const message = { staged, flags: { system: 0, keywords: [] }, internalDate: new Date() };
  const request = { operation, from: mailbox, uid: uids[0] as Uid, owner: 'ada', mailbox: 'INBOX', message };
  const replaced = await store.replace(request, attempt);
  if (replaced.kind !== 'replaced') throw new Error(replaced.kind);
  const [remembered] = await read(mailbox, [replaced.uid]);
  expect(hits).toBe(1);
  expect(remembered?.raw?.toString()).toBe(text);
});

test('a repeated append teaches nothing, a new epoch forgets everything', async () => {
  const operation = randomUUID();
  const { mailbox, uids } = await append(plain, operation);
  expect((await append(store, operation)).uids).toEqual(uids);
  await read(mailbox, uids);
  expect(hits).toBe(0);
  const fresh = await append(store);
  await repository.stamp('a', 2);
  access.retarget(repository.target('a', 2));
  expect(await read(fresh.mailbox, fresh.uids)).toHaveLength(1);
  expect(hits).toBe(0);
});

test('of many that are known some come at a time, and those that are not in their places', async () => {
  const { mailbox } = await append(plain);
  const listed = new ListedContent(100_000_000);
  const recent = new RecentContent(1_000_000);
  const among = new RecentContentStore(plain, {
    recent,
    listed,
    ahead: new AheadContent(1_000_000),
    epoch: () => access.epoch,
    onHit: () => undefined,
    onSignatures: () => undefined,
  });
  const last = (await append(plain)).uids[0] ?? (0 as Uid);
  const header = Buffer.from('Subject: known\r\n\r\n');
  listed.enter(access.epoch);
  const known = Array.from({ length: 5_000 }, (_, i) => ({ uid: (last + 1 + i) as Uid, header }));
  listed.put(mailbox, known);
  const uids = [last, ...known.map(({ uid }) => uid)];
  const sizes: number[] = [];
  const found: Uid[] = [];
  const request = { mailbox, uids, fields: new Set<ContentField>(['header']) };
  for await (const batch of among.readMessages(request, attempt)) {
    sizes.push(batch.length);
    found.push(...batch.map(({ uid }) => uid));
  }
  expect(found).toEqual(uids);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  expect(listed.find({ ...request, uids: [last] })).toHaveLength(1);
});
