import { expect, test } from 'vitest';
import { mustBeOurs } from './must-be-ours.ts';
import { NameTaken } from './name-taken.ts';

type Owner = { readonly kind: string; readonly name: string; readonly uid: string };

const owned = (owner: Owner | null, labels: Readonly<Record<string, string>> = {}) => ({
  kind: 'Secret',
  metadata: {
    namespace: 'mail',
    name: 'mail-imapd-credentials',
    labels,
    ...(owner === null ? {} : { ownerReferences: [{ ...owner, controller: true }] }),
  },
});
const labelled = (component: string) => ({
  'app.kubernetes.io/managed-by': 'imapcluster-operator',
  'app.kubernetes.io/component': component,
});
const cluster = { kind: 'ImapCluster', name: 'mail', uid: 'uid-1' };
const partition = { kind: 'MailboxPartition', name: 'mail-imapd', uid: 'uid-2' };
const desired = owned(cluster, labelled('imapd'));

test.each([
  { name: 'as it was made', found: owned(cluster, labelled('imapd')) },
  {
    name: 'restored with the uid of an owner that is no more',
    found: owned({ ...cluster, uid: 'old' }, labelled('imapd')),
  },
  { name: 'restored without its labels', found: owned(cluster) },
  { name: 'restored without its owner', found: owned(null, labelled('imapd')) },
])('$name it is ours', ({ found }) => {
  expect(() => mustBeOurs(found, desired)).not.toThrow();
});

test.each([
  { name: 'of somebody else', found: owned(null), words: "is not the operator's" },
  {
    name: 'of a partition',
    found: owned(partition, labelled('database')),
    words: 'belongs to MailboxPartition mail-imapd',
  },
  {
    name: 'of another cluster',
    found: owned({ ...cluster, name: 'post' }, labelled('imapd')),
    words: 'ImapCluster post',
  },
  {
    name: 'of a partition, which it outlives',
    found: owned(null, labelled('database')),
    words: 'belongs to a database',
  },
])('$name it is left alone', ({ found, words }) => {
  expect(() => mustBeOurs(found, desired)).toThrow(NameTaken);
  expect(() => mustBeOurs(found, desired)).toThrow(words);
});
