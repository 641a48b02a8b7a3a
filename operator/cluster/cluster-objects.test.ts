import { expect, test } from 'vitest';
import { clusterNames } from './cluster-names.ts';
import { clusterObjects } from './cluster-objects.ts';
import { credentialsSecret } from './credentials-secret.ts';
import type { ImapdInput } from './imapd-input.ts';
import { selectorText } from './imapd-labels.ts';
import { imapdPodMonitor } from './pod-monitor.ts';
import { routingConfigMap } from './routing-config-map.ts';
import { imapdInput, podDefaults, testCluster } from './test-support/imapd-input.ts';

const all = (input = imapdInput({ tls: { secretName: 'mail-tls' } })) => [
  ...clusterObjects(input),
  routingConfigMap(input.cluster, 'a.b.c'),
  credentialsSecret(input.cluster, new Map([['users-a', 'secret-a']])),
  imapdPodMonitor(input.cluster),
];
const kind = (wanted: string, input?: ImapdInput) => all(input).filter((object) => object.kind === wanted);

test('the same input gives the same objects', () => {
  expect(JSON.stringify(all())).toBe(JSON.stringify(all()));
});

test("every object is the cluster's, in its namespace, and says whose it is", () => {
  for (const { metadata } of all()) {
    expect(metadata.namespace).toBe('post');
    expect(metadata.ownerReferences).toMatchObject([
      { kind: 'ImapCluster', name: 'mail', uid: '5f2c', controller: true },
    ]);
    expect(metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'imapd',
      'app.kubernetes.io/instance': 'mail',
      'app.kubernetes.io/part-of': 'imapcluster',
      'app.kubernetes.io/managed-by': 'imapcluster-operator',
    });
  }
});

test('no empty map or list, which the API server would not keep, but where it means something', () => {
  const told = JSON.stringify(all(), (key, value: unknown) => (key === 'namespaceSelector' ? undefined : value));
  expect(told).not.toMatch(/:\[\]|:\{\}/);
  expect(told).not.toContain('"_from"');
});

test.each(['m'.repeat(50), 'm'.repeat(100), '1-mail'])('names and labels of a cluster called %s fit', (name) => {
  const cluster = testCluster({}, name);
  for (const { metadata } of all(imapdInput({}, { cluster }))) {
    expect(metadata.name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    for (const value of Object.values(metadata.labels!)) expect(value.length).toBeLessThanOrEqual(63);
  }
  expect(new Set(Object.values(clusterNames(cluster))).size).toBe(Object.keys(clusterNames(cluster)).length);
});

test('imapd may read the one ConfigMap with its routing document, and nothing else', () => {
  const [role] = kind('Role');
  expect(role).toMatchObject({
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['mail-routing'], verbs: ['get'] }],
  });
  expect(routingConfigMap(testCluster(), 'a.b.c').metadata.name).toBe('mail-routing');
});

test('clients reach 143 and 993, by the Service that the spec describes', () => {
  const spec = {
    tls: { secretName: 'mail-tls' },
    service: { type: 'LoadBalancer', annotations: { 'lb.example/scheme': 'internal' } },
  };
  const service = kind('Service', imapdInput(spec)).find(({ metadata }) => metadata.name === 'mail-imap');
  expect(service).toMatchObject({
    metadata: { annotations: { 'lb.example/scheme': 'internal' } },
    spec: {
      type: 'LoadBalancer',
      ports: [
        { port: 143, targetPort: 'imap', protocol: 'TCP' },
        { port: 993, targetPort: 'imaps', protocol: 'TCP' },
      ],
    },
  });
});

test('only IMAP is open to everybody; the admin port to the operator, its own kind and who was named', () => {
  const scraper = { podSelector: { matchLabels: { app: 'prometheus' } } };
  const [policy] = kind('NetworkPolicy', imapdInput({}, { pods: { ...podDefaults, scraperPeers: [scraper] } }));
  const { ingress } = (policy as unknown as { spec: { ingress: { from?: unknown[]; ports: { port: string }[] }[] } })
    .spec;
  const open = ingress.filter((rule) => rule.from === undefined).flatMap((rule) => rule.ports.map(({ port }) => port));
  expect(open).toEqual(['imap']);
  const admin = ingress.filter((rule) => rule.ports.some(({ port }) => port === 'admin'));
  expect(admin).toHaveLength(1);
  expect(admin[0]!.from).toHaveLength(3);
  expect(admin[0]!.from).toContainEqual(scraper);
});

test('passwords of databases are files by partition; the order in which they are known does not matter', () => {
  const passwords = [
    ['users-b', 'secret-b'],
    ['users-a', 'secret-a'],
  ] as const;
  const secret = credentialsSecret(testCluster(), new Map(passwords));
  const same = credentialsSecret(testCluster(), new Map(passwords.toReversed()));
  expect(JSON.stringify(secret)).toBe(JSON.stringify(same));
  expect(JSON.parse(Buffer.from(secret.data!['users-a.json']!, 'base64').toString())).toEqual({
    user: 'imapcluster_mail',
    password: 'secret-a',
  });
});

test('while a password is replaced, imapd is told both', () => {
  const others = new Map([['users-a', 'next-a']]);
  const { data } = credentialsSecret(testCluster(), new Map([['users-a', 'secret-a']]), others);
  expect(JSON.parse(Buffer.from(data!['users-a.json']!, 'base64').toString())).toEqual({
    user: 'imapcluster_mail',
    password: 'secret-a',
    otherPassword: 'next-a',
  });
});

test('autoscalers find the pods by what the Deployment selects', () => {
  expect(selectorText(testCluster())).toBe('app.kubernetes.io/component=imapd,imapcluster.io/cluster=mail');
});

test('what did not come from the API server is not built for: it would be collected at once', () => {
  const { metadata, ...rest } = testCluster();
  const { uid: _, ...without } = metadata;
  expect(() => clusterObjects(imapdInput({}, { cluster: { ...rest, metadata: without } }))).toThrow(/no uid/);
});
