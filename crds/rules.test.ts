import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { checkRules } from './check-rules.ts';
import { clusterRules } from './cluster-rules.ts';
import { ImapCluster } from './imap-cluster.ts';
import { MailboxPartition } from './mailbox-partition.ts';
import { partitionRules } from './partition-rules.ts';

type Change = (object: MailboxPartition) => void;

const base = (): MailboxPartition =>
  Value.Parse(
    MailboxPartition,
    Value.Default(MailboxPartition, {
      apiVersion: 'imapcluster.io/v1alpha1',
      kind: 'MailboxPartition',
      metadata: { name: 'users-a' },
      spec: { clusterRef: { name: 'mail' }, repository: { engine: 'postgresql', managed: {} } },
    }),
  );

function violations(change: Change, before: MailboxPartition | null = null): readonly string[] {
  const object = base();
  change(object);
  expect(Value.Errors(MailboxPartition, object)).toEqual([]);
  return checkRules(partitionRules, object, before).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('an object with nothing but its defaults breaks no rule, nor does one that stays as it is', () => {
  expect(violations(() => undefined)).toEqual([]);
  expect(violations(() => undefined, base())).toEqual([]);
});

/** Each rule with a change that breaks it, and it alone. */
const broken: readonly (readonly [says: string, change: Change])[] = [
  ['the name is a DNS label of at most 50 characters', ({ metadata }) => (metadata.name = 'a'.repeat(51))],
  ['the name is a DNS label of at most 50 characters', ({ metadata }) => (metadata.name = 'a.b')],
  ['slots lie between 0 and 1023', ({ spec }) => (spec.holds.slots = ['1024'])],
  ['a range runs from low to high', ({ spec }) => (spec.holds.slots = ['3-2'])],
  [
    'exactly one of managed and members',
    ({ spec }) => {
      spec.repository.members = [1, 2, 3].map((n) => ({ name: `m${n}`, host: 'h' }));
      spec.repository.credentialsSecretRef = { name: 's' };
    },
  ],
  ['credentialsSecretRef goes with members', ({ spec }) => (spec.repository.credentialsSecretRef = { name: 's' })],
  ['a name of a parameter', ({ spec }) => (spec.repository.managed!.parameters = { 'Work Mem': '4MB' })],
  ['these parameters belong to the operator', ({ spec }) => (spec.repository.managed!.parameters = { fsync: 'off' })],
  [
    'Quorum needs at least 2 members',
    ({ spec }) => {
      spec.repository.managed!.instances = 1;
      spec.durability.whenDegraded = 'Async';
    },
  ],
  ['Hold needs at least 3 members', ({ spec }) => (spec.repository.managed!.instances = 2)],
  ['probeInterval lies between', ({ spec }) => (spec.failover.probeInterval = '49ms')],
  ['probeInterval lies between', ({ spec }) => (spec.failover.probeInterval = '61s')],
  ['delay is at most 1h', ({ spec }) => (spec.failover.delay = '61m')],
];

test.each(broken)('%s', (says, change) => {
  const found = violations(change);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(says);
});

const changes: readonly (readonly [says: string, change: Change])[] = [
  ['clusterRef cannot be changed', ({ spec }) => (spec.clusterRef.name = 'other')],
  ['engine cannot be changed', ({ spec }) => (spec.repository.engine = 'mariadb')],
  ['database cannot be changed', ({ spec }) => (spec.repository.database = 'other')],
  ['storage cannot shrink', ({ spec }) => (spec.repository.managed!.storage.size = '19Gi')],
  [
    'between managed and members',
    ({ spec }) => {
      delete spec.repository.managed;
      spec.repository.members = [1, 2, 3].map((n) => ({ name: `m${n}`, host: 'h' }));
      spec.repository.credentialsSecretRef = { name: 's' };
    },
  ],
];

test.each(changes)('%s', (says, change) => {
  expect(violations(change)).toEqual([]);
  const found = violations(change, base());
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(says);
});

test('what may change, may change', () => {
  const grow: Change = ({ spec }) => {
    spec.repository.managed!.storage.size = '1Ti';
    spec.durability.mode = 'Async';
    spec.holds.slots = ['0-1023'];
  };
  expect(violations(grow, base())).toEqual([]);
});

test('every rule has an example that breaks it', () => {
  const said = [...broken, ...changes].map(([says]) => says);
  const untold = partitionRules.filter(({ message }) => !said.some((says) => message.includes(says)));
  expect(untold.map(({ message }) => message)).toEqual([]);
});

test('the rules of a cluster', () => {
  const cluster = Value.Parse(
    ImapCluster,
    Value.Default(ImapCluster, {
      apiVersion: 'imapcluster.io/v1alpha1',
      kind: 'ImapCluster',
      metadata: { name: 'mail' },
      spec: {},
    }),
  );
  expect(checkRules(clusterRules, cluster)).toEqual([]);
  cluster.spec.authentication.passwords = false;
  cluster.spec.reads.maxReplicaLag = '99ms';
  cluster.spec.sessions.writeHold = '0s';
  cluster.spec.sessions.drainGracePeriod = '2h';
  cluster.spec.capabilities.disabled = ['IDLE', 'IMAP4REV1'];
  cluster.metadata.name = 'a.b';
  expect(checkRules(clusterRules, cluster)).toHaveLength(clusterRules.length);
});
