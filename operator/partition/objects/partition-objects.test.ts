import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { podDefaults } from '../../cluster/test-support/imapd-input.ts';
import { selectorLabels } from '../../objects/labels.ts';
import { existingMembers } from '../existing-members.ts';
import { partitionCredentialsSecret } from './credentials-secret.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import type { MemberRole } from './member-labels.ts';
import { memberPod } from './member-pod.ts';
import { membersNetworkPolicy } from './members-network-policy.ts';
import { memberHost, partitionNames } from './partition-names.ts';
import { partitionObjects } from './partition-objects.ts';
import { membersService, roleServices } from './services.ts';
import { memberInput, testPartition } from './test-support/member-input.ts';

const well = { replicasMayGo: true, members: 3 };
const passwords = { admin: 'admin-secret', replication: 'repl-secret', mail: 'mail-secret', salvage: 'salv-secret' };
const all = (input = memberInput()) => [
  ...partitionObjects(input),
  ...disruptionBudgets(input.partition, well),
  partitionCredentialsSecret(input.partition, passwords),
];
const labelsOf = (role: MemberRole) => memberPod(memberInput(), memberName('users-a-0'), role).metadata.labels!;
const selects = (selector: Record<string, string>, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

test('the same input gives the same objects, owned by the partition', () => {
  expect(JSON.stringify(all())).toBe(JSON.stringify(all()));
  for (const { metadata } of all(memberInput({ reclaim: 'Delete' }))) {
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'MailboxPartition', name: 'users-a', uid: '77aa' }]);
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'imapcluster-operator' });
  }
});

test('no two objects of a kind share a name', () => {
  const keys = all().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test.each(['u'.repeat(50), 'u'.repeat(120), '9-users'])('names and labels of a partition called %s fit', (name) => {
  const partition = testPartition({}, name);
  for (const { metadata } of all(memberInput({}, { partition }))) {
    expect(metadata.name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    for (const value of Object.values(metadata.labels!)) expect(value.length).toBeLessThanOrEqual(63);
  }
});

test.each([
  ['primary', [true, false]],
  ['replica', [false, true]],
  [null, [false, false]],
] as const)('a member in role %s is behind the right Service', (role, expected) => {
  const services = roleServices(testPartition());
  expect(services.map(({ metadata }) => metadata.name)).toEqual(['users-a-primary', 'users-a-readers']);
  expect(services.map(({ spec }) => selects(spec!.selector!, labelsOf(role)))).toEqual(expected);
  expect(selects(membersService(testPartition()).spec!.selector!, labelsOf(role))).toBe(true);
});

test.each([
  ['postgresql', 5432],
  ['mariadb', 3306],
  ['mysql', 3306],
] as const)('%s is reached at %i, by Services, pods and policies alike', (engine, port) => {
  const partition = testPartition();
  partition.spec.repository.engine = engine;
  const { ports } = memberPod(memberInput({}, { partition }), memberName('users-a-0'), null).spec!.containers[0]!;
  expect(ports![0]).toEqual({ name: engine, containerPort: port, protocol: 'TCP' });
  for (const { spec } of [...roleServices(partition), membersService(partition)])
    expect(spec!.ports).toEqual([{ name: engine, port, targetPort: engine, protocol: 'TCP' }]);
  const { ingress, egress } = membersNetworkPolicy(partition, podDefaults).spec;
  const among = [
    { protocol: 'TCP', port },
    { protocol: 'TCP', port: 8080 },
  ];
  expect([ingress[0]!.ports, ingress.at(-1)!.ports, egress![0]!.ports]).toEqual([among.slice(0, 1), among, among]);
  const existing = {
    ...partition,
    spec: { ...partition.spec, repository: { engine, members: [{ name: 'a', host: 'a' }] } },
  };
  expect(existingMembers(existing as typeof partition)[0]!.endpoint.port).toBe(port);
});

test('every member has a host name, ready or not', () => {
  const { spec, metadata } = membersService(testPartition());
  expect(spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  const pod = memberPod(memberInput(), memberName('users-a-0'), null).spec!;
  expect(pod.subdomain).toBe(metadata.name);
  expect(memberHost(testPartition(), memberName('users-a-0'))).toBe(`${pod.hostname}.${pod.subdomain}.post.svc`);
});

test.each([
  { instances: 2, members: 2, replicasMayGo: true, least: [1, 0] },
  { instances: 2, members: 2, replicasMayGo: false, least: [1, 2] },
  { instances: 2, members: 3, replicasMayGo: false, least: [1, 3] },
  { instances: 3, members: 3, replicasMayGo: true, least: [1, 1] },
  { instances: 3, members: 3, replicasMayGo: false, least: [1, 3] },
  { instances: 5, members: 5, replicasMayGo: true, least: [1, 3] },
  { instances: 3, members: 5, replicasMayGo: true, least: [1, 3] },
  { instances: 1, members: 3, replicasMayGo: true, least: [1, 1] },
  { instances: 5, members: 4, replicasMayGo: false, least: [1, 5] },
])(
  'of $instances servers the primary is never evicted, and one replica at a time or none: $replicasMayGo',
  (example) => {
    const { instances, least } = example;
    const budgets = disruptionBudgets(testPartition({ instances }), example);
    expect(budgets.map(({ spec }) => spec!.minAvailable)).toEqual(least);
    expect(budgets.every(({ spec }) => spec!.maxUnavailable === undefined)).toBe(true);
  },
);

test('no pod has two budgets: it could not be evicted at all', () => {
  for (const role of ['primary', 'replica', null] as const) {
    const budgets = disruptionBudgets(testPartition(), well).filter(({ spec }) =>
      selects(spec!.selector!.matchLabels!, labelsOf(role)),
    );
    expect(budgets).toHaveLength(role === null ? 0 : 1);
  }
});

test('a single server holds up no drain', () => {
  expect(disruptionBudgets(testPartition({ instances: 1 }), { ...well, members: 1 })).toEqual([]);
});

test('imapd and jobs reach the database alone, the operator the agent alone, members each other', () => {
  const { spec } = membersNetworkPolicy(testPartition(), podDefaults);
  const [mail, operator, members] = spec.ingress;
  expect(mail!.ports.map(({ port }) => port)).toEqual([5432]);
  expect(mail!.from).toContainEqual({
    podSelector: { matchLabels: selectorLabels({ cluster: 'mail', component: 'imapd' }) },
  });
  expect(operator).toEqual({ from: podDefaults.operatorPeers, ports: [{ protocol: 'TCP', port: 8080 }] });
  expect(members!.from).toEqual([{ podSelector: spec.podSelector }]);
  expect(spec.egress![0]!.to).toEqual(members!.from);
  // The name service, where its Service is and where its pods may be.
  expect(spec.egress![1]!.ports.map(({ port }) => port)).toEqual([53, 53, 'dns', 'dns-tcp']);
});

test('no rule is open to everybody for want of somebody', () => {
  const { spec } = membersNetworkPolicy(testPartition(), { ...podDefaults, operatorPeers: [], scraperPeers: [] });
  for (const { from } of spec.ingress) expect(from?.length).toBeGreaterThan(0);
});

test('every program finds its own password, and only agents find all', () => {
  const { data, metadata } = partitionCredentialsSecret(testPartition(), passwords);
  const read = (file: string): unknown => JSON.parse(Buffer.from(data![file]!, 'base64').toString());
  expect(metadata.name).toBe(partitionNames(testPartition()).credentials);
  expect(read('passwords.json')).toEqual(passwords);
  expect(read('mail.json')).toEqual({ user: 'imapcluster_mail', password: 'mail-secret' });
  expect(read('salvage.json')).toEqual({ user: 'imapcluster_salvage', password: 'salv-secret' });
});

test('the passwords stay where the volumes stay: the data knows no others', () => {
  expect(partitionCredentialsSecret(testPartition(), passwords).metadata).not.toHaveProperty('ownerReferences');
  const { metadata } = partitionCredentialsSecret(testPartition({ reclaim: 'Delete' }), passwords);
  expect(metadata.ownerReferences).toMatchObject([{ kind: 'MailboxPartition', name: 'users-a' }]);
});

test('agents find the public keys beside their configuration', () => {
  const secret = partitionObjects(memberInput()).find(({ kind }) => kind === 'Secret');
  const { data } = secret as { readonly data: Record<string, string> };
  const keys: unknown = JSON.parse(Buffer.from(data['public-keys.json']!, 'base64').toString());
  expect(keys).toEqual(memberInput().operatorKeys);
  const { volumes } = memberPod(memberInput(), memberName('users-a-0'), null).spec!;
  const mounted = volumes!.find(({ name }) => name === 'configuration')!.secret!.items!.map(({ path }) => path);
  expect(mounted).toEqual(['agent.json', 'public-keys.json']);
});
