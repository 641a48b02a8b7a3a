import { expect, test } from 'vitest';
import { routingText } from './routing.ts';

test('routing, by each imapd’s own word', () => {
  const view = { epoch: 2, writerReachable: true, writerFailure: null, held: 4, leaseRemainingMs: 1_500 };
  const target = {
    epoch: 2,
    engine: 'postgresql',
    database: 'imap',
    durability: 'Async',
    writer: null,
    readers: ['b', 'c'],
    leaseSeconds: 5,
    members: {},
  };
  const document = {
    apiVersion: 'routing.imapcluster.io/v1',
    cluster: 'mail',
    version: 9,
    placement: { users: {}, namespaces: {}, slots: [] },
    partitions: { users: target },
  };
  const belief = { pod: 'imapd-0', document, repositories: { users: view } };
  expect(
    routingText({
      pods: [
        { pod: 'imapd-0', belief, problem: null },
        { pod: 'imapd-1', belief: null, problem: 'timed out' },
        { pod: 'imapd-2', belief: { ...belief, document: null }, problem: null },
      ],
    }),
  ).toBe(`IMAPD    VERSION                  PARTITION  EPOCH  WRITES TO  READS FROM  HELD  LEASE
imapd-0  9                        users      2      (none)     b, c        4     1.5s
imapd-1  timed out
imapd-2  no routing document yet
`);
});
