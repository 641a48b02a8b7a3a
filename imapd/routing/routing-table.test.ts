import { beforeEach, expect, test } from 'vitest';
import { ROUTING_API_VERSION, type Target } from '#contract/routing-document.ts';
import { generateSigningKey, type SigningKey, sign } from '#contract/signature.ts';
import { createLogger } from '#runtime/logger.ts';
import { RoutingTable } from './routing-table.ts';

let key: SigningKey;
let table: RoutingTable;

beforeEach(async () => {
  key = await generateSigningKey('now');
  const log = createLogger({ program: 'test', level: 'silent', pretty: false });
  table = new RoutingTable({ cluster: 'mail', publicKeys: { current: [key.publicJwk] }, log });
});

const target = (epoch: number, writer: string | null = 'a'): Target => ({
  epoch,
  engine: 'postgresql',
  database: 'imap',
  durability: 'Quorum',
  writer,
  readers: [],
  leaseSeconds: null,
  members: { a: { host: 'localhost', port: 5432 } },
});
const signed = async (version: number, partitions: Readonly<Record<string, Target>>, by = key): Promise<string> => {
  const placement = { users: {}, namespaces: {}, slots: [] };
  const document = { apiVersion: ROUTING_API_VERSION, cluster: 'mail', version, placement, partitions };
  return await sign(document, 'routing', by.privateJwk);
};

test('a document is in force, and told of, before apply is done', async () => {
  const heard: unknown[] = [];
  table.onTarget((partition, told) => heard.push([partition, told?.epoch ?? null, table.version]));
  expect(await table.apply(await signed(1, { 'users-a': target(1), news: target(4) }))).toEqual({
    kind: 'applied',
    version: 1,
  });
  expect(await table.apply(await signed(2, { 'users-a': target(2, null) }))).toEqual({ kind: 'applied', version: 2 });
  expect(heard).toEqual([
    ['users-a', 1, 1],
    ['news', 4, 1],
    ['news', null, 2],
    ['users-a', 2, 2],
  ]);
});

test('an epoch is remembered even when its partition was gone in between', async () => {
  await table.apply(await signed(1, { news: target(4) }));
  await table.apply(await signed(2, {}));
  expect(await table.apply(await signed(3, { news: target(3) }))).toMatchObject({ kind: 'stale', version: 2 });
  expect(table.epochs).toEqual({ news: 4 });
});

test('a document of an unknown key, of another purpose, or none at all changes nothing', async () => {
  const stranger = await generateSigningKey('now');
  const heartbeat = await sign({ cluster: 'mail' }, 'heartbeat', key.privateJwk);
  for (const jws of [await signed(1, {}, stranger), heartbeat, 'no.jws.atall', '']) {
    expect(await table.apply(jws)).toMatchObject({ kind: 'refused', code: 'BadSignature' });
  }
  expect(table.document).toBeNull();
});

test('the document in force is taken again without effect; another one of its version is not', async () => {
  const heard: unknown[] = [];
  const document = await signed(1, { news: target(1) });
  await table.apply(document);
  table.onTarget((partition) => heard.push(partition));
  expect(await table.apply(document)).toEqual({ kind: 'applied', version: 1 });
  expect(await table.apply(await signed(1, { news: target(2) }))).toMatchObject({ kind: 'stale', version: 1 });
  expect(heard).toEqual([]);
});
