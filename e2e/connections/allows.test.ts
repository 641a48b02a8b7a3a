import type { V1NetworkPolicyPeer, V1NetworkPolicyPort, V1NetworkPolicySpec } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { refusedBy } from './allows.ts';
import type { Flow, PodFacts } from './flow.ts';
import { policyOf } from './policy.ts';

type Labels = Readonly<Record<string, string>>;
const pod = (name: string, labels: Labels, namespace = 'mail'): PodFacts => ({
  namespace,
  name,
  labels,
  namespaceLabels: { 'kubernetes.io/metadata.name': namespace },
  ports: [
    { name: 'admin', protocol: 'TCP', port: 8080 },
    { name: 'dns', protocol: 'UDP', port: 1053 },
  ],
});
const database = pod('db', { app: 'database' });
const imapd = pod('imapd', { app: 'imapd', tier: 'front' });
const stranger = pod('imapd', { app: 'imapd' }, 'elsewhere');

const flow = (from: PodFacts | null, to: PodFacts | null, port = 8080): Flow => ({
  protocol: 'TCP',
  from: { address: '10.77.0.1', pod: from },
  to: { address: '10.244.1.2', pod: to, port, formerly: null },
});
const policy = (spec: Partial<V1NetworkPolicySpec>, namespace = 'mail') =>
  policyOf({
    metadata: { name: 'p', namespace },
    spec: { podSelector: { matchLabels: { app: 'database' } }, policyTypes: ['Ingress'], ...spec },
  });
const from = (peers: readonly V1NetworkPolicyPeer[], ports: readonly V1NetworkPolicyPort[] = []) => [
  policy({ ingress: [{ _from: [...peers], ports: [...ports] }] }),
];
const passes = (one: Flow, policies: Parameters<typeof refusedBy>[2]): boolean =>
  refusedBy(one, 'Ingress', policies).length === 0;

const frontPods = { podSelector: { matchLabels: { tier: 'front' } } };
const elsewhere = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } } };

test.each([
  ['no policy', flow(imapd, database), []],
  ['a policy of another pod', flow(database, imapd), [policy({})]],
  ['a policy of another namespace', flow(imapd, database), [policy({}, 'elsewhere')]],
  ['to what is no pod', flow(imapd, null), [policy({ podSelector: {} })]],
  ['a policy about egress alone', flow(imapd, database), [policy({ policyTypes: ['Egress'] })]],
  ['two policies, one of which allows it', flow(imapd, database), [policy({}), ...from([frontPods])]],
  ['podSelector: it is', flow(imapd, database), from([frontPods])],
  ['namespaceSelector: all pods there', flow(stranger, database), from([elsewhere])],
  ['one of two peers', flow(imapd, database), from([elsewhere, frontPods])],
  ['ipBlock: inside', flow(null, database), from([{ ipBlock: { cidr: '10.77.0.0/24' } }])],
  ['no peers: everybody', flow(null, database), from([])],
  ['a port', flow(imapd, database), from([], [{ port: 8080 }])],
  ['every port of a protocol', flow(imapd, database), from([], [{ protocol: 'TCP' }])],
  ['a range of ports', flow(imapd, database), from([], [{ port: 8000, endPort: 8100 }])],
  ['a named port', flow(imapd, database), from([], [{ port: 'admin' }])],
])('passes: %s', (_what, one, policies) => {
  expect(passes(one, policies)).toBe(true);
});

test.each([
  ['a policy without rules', flow(imapd, database), [policy({})]],
  ['podSelector: it is not', flow(database, database), from([frontPods])],
  ['podSelector: its pods of other namespaces are not meant', flow(stranger, database), from([{ podSelector: {} }])],
  ['podSelector: a machine is no pod', flow(null, database), from([{ podSelector: {} }])],
  ['namespaceSelector: not those here', flow(imapd, database), from([elsewhere])],
  ['both selectors: both have to hold', flow(stranger, database), from([{ ...elsewhere, ...frontPods }])],
  ['ipBlock: outside', flow(null, database), from([{ ipBlock: { cidr: '10.78.0.0/24' } }])],
  [
    'ipBlock: in an exception',
    flow(null, database),
    from([{ ipBlock: { cidr: '10.77.0.0/24', except: ['10.77.0.0/30'] } }]),
  ],
  ['another port', flow(imapd, database), from([], [{ port: 8081 }])],
  ['the port of another protocol', flow(imapd, database), from([], [{ port: 8080, protocol: 'UDP' }])],
  ['past a range of ports', flow(imapd, database, 8101), from([], [{ port: 8000, endPort: 8100 }])],
  ['a named port that is another', flow(imapd, database, 5432), from([], [{ port: 'admin' }])],
  ['a named port of another protocol', flow(imapd, database, 1053), from([], [{ port: 'dns' }])],
  ['a name of no port', flow(imapd, database), from([], [{ port: 'http' }])],
  ['the right peer at the wrong port', flow(imapd, database, 5432), from([frontPods], [{ port: 8080 }])],
])('is refused: %s', (_what, one, policies) => {
  expect(passes(one, policies)).toBe(false);
});

const closed = policy({
  policyTypes: ['Ingress', 'Egress'],
  egress: [{ to: [frontPods], ports: [{ port: 'admin' }] }],
});

test.each([
  ['to whom a rule names, at the name of its port', flow(database, imapd), true],
  ['to another port', flow(database, imapd, 5432), false],
  ['to somebody else', flow(database, database), false],
  ['to what is no pod', flow(database, null), false],
  ['from a pod that no policy selects', flow(imapd, null), true],
])('egress: %s', (_what, one, expected) => {
  expect(refusedBy(one, 'Egress', [closed]).length === 0).toBe(expected);
});

test.each([
  [{ key: 'tier', operator: 'In', values: ['front', 'back'] }, true],
  [{ key: 'tier', operator: 'NotIn', values: ['front'] }, false],
  [{ key: 'tier', operator: 'Exists' }, true],
  [{ key: 'tier', operator: 'DoesNotExist' }, false],
])('matchExpressions %j', (expression, expected) => {
  expect(passes(flow(imapd, database), from([{ podSelector: { matchExpressions: [expression] } }]))).toBe(expected);
});
