import { expect, test } from 'vitest';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { testCluster } from '../../../cluster/test-support/imapd-input.ts';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import { allKnow } from './all-know.ts';

const partition = testPartition();
const existing = { ...partition, spec: { ...partition.spec, repository: { engine: 'postgresql', members: [] } } };
const clash = `${partition.spec.clusterRef.name}-imapd`;
const refused = { ...partition, metadata: { ...partition.metadata, name: clash } };
const of = (object: object): MailboxPartition => object as MailboxPartition;

const file = (text: string): string => Buffer.from(text).toString('base64');
const both = file('[{"kid":"old"},{"kid":"next"}]');
const old = file('[{"kid":"old"}]');

test.each<{ name: string; imapd?: string; agents?: string; partitions?: readonly object[]; known: boolean }>([
  { name: 'everybody has it', imapd: both, agents: both, known: true },
  { name: 'imapd lacks it', imapd: old, agents: both, known: false },
  { name: 'imapd has no Secret', agents: both, known: false },
  { name: 'agents lack it', imapd: both, agents: old, known: false },
  { name: 'agents have no Secret', imapd: both, known: false },
  { name: 'what agents have cannot be read', imapd: both, agents: file('[{'), known: false },
  { name: 'what agents have are no keys', imapd: both, agents: file('{"kid":"next"}'), known: false },
  { name: 'there are no partitions', imapd: both, partitions: [], known: true },
  { name: 'servers of somebody else have no agents', imapd: both, partitions: [existing], known: true },
  { name: 'for what cannot be done nothing is made', imapd: both, partitions: [refused], known: true },
])('$name', ({ imapd, agents, partitions = [partition], known }) => {
  const cluster = testCluster();
  const { namespace } = cluster.metadata;
  const files = new Map([
    [`${namespace}/${cluster.metadata.name}-imapd-configuration`, imapd],
    [`${namespace}/${partition.metadata.name}-agent-configuration`, agents],
  ]);
  const get = (key: string) => {
    const content = files.get(key);
    const [, name = ''] = key.split('/');
    return content === undefined ? undefined : { metadata: { name }, data: { 'public-keys.json': content } };
  };
  expect(allKnow('next', { cluster, partitions: partitions.map(of), secrets: { get } })).toBe(known);
});
