import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { CHUNK_SIZE } from './messages/content-row.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import type { StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import type { Check } from './verify.ts';

// Promise: whatever is not as it must be is found, each thing where it is, and nothing else.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  const columns = 'uid, modseq, size, content, operation, internal_date';
  beforeAll(async () => {
    server = await startStoreServer(engine);
  });
  beforeEach(async () => {
    f = await server.openStore();
    await f.append('a: b\r\n\r\n');
    const large = randomBytes(2 * CHUNK_SIZE);
    await f.append(Buffer.concat([Buffer.from('c: d\r\n\r\n'), large]));
    // As an EXPUNGE leaves it.
    await f.sql(`INSERT INTO mail.tombstone (mailbox, ${columns})
      SELECT mailbox, 3, modseq, size, content, operation, internal_date FROM mail.message WHERE uid = 1`);
    return () => f.close();
  });
  afterAll(() => server?.stop());

  const nobodys = randomUUID();
  const broken: readonly [
    what: string,
    texts: readonly string[],
    values: readonly unknown[],
    found: readonly Found[],
  ][] = [
    ['nothing', [], [], []],
    [
      'counters of a mailbox',
      ["UPDATE mail.mailbox SET unseen = unseen + 1, uid_next = 2 WHERE name = 'INBOX'"],
      [],
      [
        ['counters of a mailbox', 'ada INBOX unseen'],
        ['counters of a mailbox', 'ada INBOX UIDNEXT'],
      ],
    ],
    [
      'usage',
      [
        "UPDATE mail.usage SET storage = 1, messages = messages - 1 WHERE owner = 'ada'",
        "INSERT INTO mail.usage (owner, storage, messages, mailboxes) VALUES ('zoe', 0, 0, 1)",
      ],
      [],
      [
        ['usage of a user', 'ada storage'],
        ['usage of a user', 'ada messages'],
        ['usage of a user', 'zoe mailboxes'],
      ],
    ],
    ['usage that is not kept', ["DELETE FROM mail.usage WHERE owner = 'ada'"], [], usageOf('ada')],
    [
      'a UIDVALIDITY that comes again',
      ['UPDATE mail.uid_validity SET next = 7'],
      [],
      [['UIDVALIDITY used twice', 'next uid_validity']],
    ],
    [
      'one UIDVALIDITY for two',
      ['UPDATE mail.mailbox SET uid_validity = 7'],
      [],
      [['UIDVALIDITY used twice', 'uid_validity 7']],
    ],
    [
      'messages of no mailbox',
      [
        `INSERT INTO mail.message (mailbox, keywords, flags, ${columns})
          SELECT ?, keywords, flags, ${columns} FROM mail.message WHERE uid = 1`,
      ],
      [nobodys],
      [['messages of no mailbox', nobodys]],
    ],
    [
      'rights on no mailbox',
      ["INSERT INTO mail.acl (mailbox, identifier, rights) VALUES (?, 'bob', 'lr')"],
      [nobodys],
      [['rights on no mailbox', nobodys]],
    ],
    [
      'what was seen of nothing',
      [
        "INSERT INTO mail.seen (mailbox, uid, reader, modseq, seen) SELECT id, 9, 'bob', 1, TRUE FROM mail.mailbox WHERE name = 'INBOX'",
      ],
      [],
      [['what was seen of no message', 'INBOX 9']],
    ],
    [
      'what was seen in the future',
      [
        "INSERT INTO mail.seen (mailbox, uid, reader, modseq, seen) SELECT mailbox, uid, 'bob', 1000, TRUE FROM mail.message WHERE uid = 1",
      ],
      [],
      [['what was seen ahead of its mailbox', 'ada INBOX']],
    ],
    [
      'a tombstone of a living message',
      [`INSERT INTO mail.tombstone (mailbox, ${columns}) SELECT mailbox, ${columns} FROM mail.message WHERE uid = 1`],
      [],
      [['tombstones of living messages', 'INBOX 1']],
    ],
    [
      'a tombstone of the future',
      ['UPDATE mail.tombstone SET modseq = 1000'],
      [],
      [['tombstones ahead of their mailbox', 'ada INBOX']],
    ],
    [
      'a tombstone without content',
      ['UPDATE mail.tombstone SET content = ?'],
      [nobodys],
      [['messages without content', 'INBOX 3']],
    ],
    [
      'a size',
      ['UPDATE mail.content SET size = size + 1 WHERE id = (SELECT content FROM mail.message WHERE uid = 1)'],
      [],
      [
        ['size of a message and of its content', 'INBOX 1'],
        ['chunks of a content', 'content 1'],
      ],
    ],
    [
      'a signature whose content is gone',
      ['INSERT INTO mail.text_signature (content, header, body) VALUES (?, ?, ?)'],
      [nobodys, Buffer.alloc(8), Buffer.alloc(8)],
      [['signatures of no content', nobodys]],
    ],
    [
      'a chunk that is gone',
      ['DELETE FROM mail.chunk WHERE number = 1'],
      [],
      [
        ['chunks of a content', 'content 2'],
        ['hash of a message', 'content 2'],
      ],
    ],
    [
      'a chunk of other octets',
      ['UPDATE mail.chunk SET data = ? WHERE number = 1'],
      [Buffer.alloc(CHUNK_SIZE)],
      [
        ['hash of a chunk', 'content 2 1'],
        ['hash of a message', 'content 2'],
      ],
    ],
    [
      'the hash of a large message',
      ['UPDATE mail.content SET hash = ? WHERE chunks > 1'],
      [Buffer.alloc(32)],
      [['hash of a message', 'content 2']],
    ],
    [
      'the hash of a small message',
      ['UPDATE mail.content SET hash = ? WHERE id = (SELECT content FROM mail.message WHERE uid = 1)'],
      [Buffer.alloc(32)],
      [['hash of a message', 'content 1']],
    ],
  ];

  test.each(broken)('%s', async (...[, texts, values, expected]) => {
    for (const text of texts) await f.sql(text, [...values]);
    const found = (await f.verify()).map(({ check, where }) => [check, where]);
    const contents = new Map<unknown, unknown>();
    for (const { uid, content } of await f.sql('SELECT uid, content FROM mail.message'))
      contents.set(Number(uid), content);
    const place = (where: string): string =>
      where.replace(/^INBOX/, f.inbox).replace(/^content (\d)/, (_, uid) => String(contents.get(Number(uid))));
    expect(found).toEqual(expected.map(([check, where]) => [check, place(where)]));
  });
});

type Found = readonly [Check, string];

function usageOf(owner: string): readonly Found[] {
  return ['storage', 'messages', 'mailboxes'].map((what) => ['usage of a user', `${owner} ${what}`]);
}
