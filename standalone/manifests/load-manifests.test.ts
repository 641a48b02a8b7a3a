import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { loadManifests } from './load-manifests.ts';
import { formatMistake } from './mistake.ts';

const CLUSTER = `apiVersion: imapcluster.io/v1alpha1
kind: ImapCluster
metadata: {name: mail}
spec: {}
`;
const partition = (name: string, spec: string): string => `apiVersion: imapcluster.io/v1alpha1
kind: MailboxPartition
metadata: {name: ${name}}
spec:
  clusterRef: {name: mail}
  repository: {engine: postgresql, managed: {}}
${spec
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
`;
const ALL = 'holds: {slots: [0-1023]}';

function mistakesIn(...documents: readonly string[]): readonly string[] {
  const loaded = loadManifests([{ file: 'mail.yaml', text: documents.join('---\n') }]);
  return loaded.ok ? [] : loaded.mistakes.map(formatMistake);
}

function warningsIn(...documents: readonly string[]): readonly string[] {
  const loaded = loadManifests([{ file: 'mail.yaml', text: documents.join('---\n') }]);
  return loaded.ok ? loaded.warnings.map(formatMistake) : ['refused'];
}

test('the example is right, and gets every default', () => {
  const file = join(import.meta.dirname, '../example/mail.yaml');
  const loaded = loadManifests([{ file, text: readFileSync(file, 'utf8') }]);
  expect(loaded).toMatchObject({ ok: true, warnings: [] });
  if (!loaded.ok) return;
  const { cluster, partitions } = loaded.manifests;
  expect(cluster.spec).toMatchObject({ replicas: 2, paused: false, authentication: { passwords: true } });
  expect(partitions.map(({ spec }) => [spec.durability.mode, spec.repository.managed?.instances])).toEqual([
    ['Quorum', 3],
    ['Async', 2],
  ]);
  expect(partitions[0]?.spec.failover).toEqual({
    mode: 'Automatic',
    probeInterval: '250ms',
    failureThreshold: 3,
    maxLostSeconds: 5,
    delay: '0s',
    uidGap: 1_000_000,
  });
});

describe('one mistake', () => {
  const cases: readonly (readonly [what: string, spec: string, says: string])[] = [
    [
      'an unknown field',
      `${ALL}\nfailover: {maxLostSecond: 3}`,
      '13: document 2 (MailboxPartition a): spec.failover.maxLostSecond: unknown field; did you mean "maxLostSeconds"?',
    ],
    [
      'an unknown field that resembles none',
      `${ALL}\nfoo: 1`,
      '13: document 2 (MailboxPartition a): spec.foo: unknown field; allowed here: clusterRef, paused, holds, repository, durability, failover',
    ],
    [
      'a word in other letters',
      `${ALL}\ndurability:\n  mode: quorum`,
      '14: document 2 (MailboxPartition a): spec.durability.mode: found "quorum", allowed: "Quorum", "Async"; did you mean "Quorum"?',
    ],
    [
      'a number out of bounds',
      `${ALL}\nfailover: {failureThreshold: 0}`,
      '13: document 2 (MailboxPartition a): spec.failover.failureThreshold: found 0, allowed: a whole number from 1 to 100',
    ],
    [
      'a duration without unit',
      `${ALL}\nfailover: {delay: 5}`,
      '13: document 2 (MailboxPartition a): spec.failover.delay: found 5, allowed: a duration such as 250ms, 15s or 1m30s; put it in quotes: "5"',
    ],
    [
      'a duration out of bounds',
      `${ALL}\nfailover: {probeInterval: 10ms}`,
      '13: document 2 (MailboxPartition a): spec.failover.probeInterval: found "10ms"; probeInterval lies between 50ms and 1m',
    ],
    [
      'a slot beyond the last',
      'holds:\n  slots:\n    - 0-511\n    - 512-1024',
      '15: document 2 (MailboxPartition a): spec.holds.slots[1]: found "512-1024"; slots lie between 0 and 1023, and a range runs from low to high',
    ],
    [
      'a range that runs backwards',
      'holds: {slots: [9-3]}',
      '12: document 2 (MailboxPartition a): spec.holds.slots[0]: found "9-3"; slots lie between 0 and 1023, and a range runs from low to high',
    ],
    [
      'the same slots twice',
      'holds: {slots: [0-1023, 0-1023]}',
      '12: document 2 (MailboxPartition a): spec.holds.slots[1]: found "0-1023" a second time, allowed: once',
    ],
    [
      'a shared namespace that is none',
      'holds: {slots: [0-1023], namespaces: [News, Inbox]}',
      '12: document 2 (MailboxPartition a): spec.holds.namespaces[1]: found "Inbox"; a shared namespace is called neither INBOX nor Other Users: below these are mailboxes of users',
    ],
  ];
  test.each(cases)('%s', (_, spec, says) => {
    expect(mistakesIn(CLUSTER, partition('a', spec))).toEqual([`mail.yaml:${says}`]);
  });

  test('a wrong version, another kind, no object at all', () => {
    expect(mistakesIn(CLUSTER.replace('v1alpha1', 'v1'), 'kind: Pod\n', '- 1\n')).toEqual([
      'mail.yaml:1: document 1 (ImapCluster mail): apiVersion: found "imapcluster.io/v1", allowed: "imapcluster.io/v1alpha1"',
      'mail.yaml:6: document 2 (Pod): kind: found "Pod", allowed: ImapCluster, MailboxPartition, Secret (of imapcluster.io/v1alpha1, Secret of v1)',
      'mail.yaml:8: document 3: found [1], allowed: an object with apiVersion, kind and metadata',
    ]);
  });

  test('a status: only the operator writes one', () => {
    expect(mistakesIn(`${CLUSTER}status: {}\n`)).toEqual([
      'mail.yaml:5: document 1 (ImapCluster mail): status: unknown field; allowed here: apiVersion, kind, metadata, spec',
    ]);
  });

  test('YAML that is none, and a key given twice', () => {
    expect(mistakesIn('a: [1\n')).toEqual([
      'mail.yaml:2: document 1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ]);
    expect(mistakesIn('a: 1\na: 2\n')).toEqual(['mail.yaml:2: document 1: not YAML: Map keys must be unique']);
  });

  test('an alias of nothing, and aliases without end', () => {
    expect(mistakesIn('a: 1\n', '\nb: *x\n')).toEqual([
      'mail.yaml:1: document 1: kind: found nothing, allowed: ImapCluster, MailboxPartition, Secret (of imapcluster.io/v1alpha1, Secret of v1)',
      'mail.yaml:4: document 2: not YAML: Unresolved alias (the anchor must be set before the alias): x',
    ]);
    const tenfold = (name: string, of: string): string => `${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`;
    const bomb = `${tenfold('a', 'x')}${tenfold('b', '*a')}${tenfold('c', '*b')}${tenfold('d', '*c')}${tenfold('e', '*d')}`;
    expect(mistakesIn(bomb)).toEqual([
      'mail.yaml:1: document 1: not YAML: Excessive alias count indicates a resource exhaustion attack',
    ]);
  });

  test('a kind that is nearly one', () => {
    expect(mistakesIn(CLUSTER.replace('ImapCluster', 'IMAPcluster'))).toEqual([
      expect.stringMatching(/kind: found "IMAPcluster", allowed: .*; did you mean "ImapCluster"\?$/),
    ]);
    expect(mistakesIn('kind: MailPartition\n')).toEqual([expect.stringContaining('did you mean "MailboxPartition"?')]);
  });
});

test('all mistakes of all files at once, in the order of the files and lines', () => {
  const loaded = loadManifests([
    { file: 'b.yaml', text: partition('users.a', 'holds: {slots: [x]}\npaused: "no"') },
    { file: 'a.yaml', text: CLUSTER.replace('{}', '{replicas: 0, tls: {}}') },
  ]);
  expect(loaded.ok ? [] : loaded.mistakes.map(({ file, line, path }) => `${file}:${line} ${path}`)).toEqual([
    'b.yaml:7 spec.holds.slots[0]',
    'b.yaml:8 spec.paused',
    'a.yaml:4 spec.replicas',
    'a.yaml:4 spec.tls.secretName',
  ]);
});

test('more mistakes than a validator keeps by default', () => {
  const slots = Array.from({ length: 40 }, (_, index) => `x${index}`).join(', ');
  expect(mistakesIn(CLUSTER, partition('a', `holds: {slots: [${slots}]}`))).toHaveLength(40);
});

describe('between objects', () => {
  test('an unknown cluster', () => {
    const stray = partition('a', ALL).replace('clusterRef: {name: mail}', 'clusterRef: {name: male}');
    expect(mistakesIn(CLUSTER, stray)).toEqual([
      'mail.yaml:10: document 2 (MailboxPartition a): spec.clusterRef.name: no ImapCluster "male" in namespace default; given: mail',
    ]);
  });

  test('slots held by two partitions', () => {
    const two = [partition('a', 'holds: {slots: [0-600]}'), partition('b', 'holds: {slots: [512-1023]}')];
    expect(mistakesIn(CLUSTER, ...two)).toEqual([
      'mail.yaml:20: document 3 (MailboxPartition b): spec.holds.slots[0]: slots 512-600 are held by a and by b; allowed: by one partition',
    ]);
  });

  test('a user held by two partitions, however the name is written', () => {
    const two = [
      partition('a', 'holds: {slots: [0-1023], users: [Ada]}'),
      partition('b', 'holds: {users: [eve, ADA]}'),
    ];
    expect(mistakesIn(CLUSTER, ...two)).toEqual([
      'mail.yaml:20: document 3 (MailboxPartition b): spec.holds.users[1]: user "ADA" is held by a already; allowed: by one partition',
    ]);
  });

  test('a shared namespace held by two partitions; another spelling is another one', () => {
    const two = [
      partition('a', 'holds: {slots: [0-1023], namespaces: [Shared, News]}'),
      partition('b', 'holds: {namespaces: [news, Shared]}'),
    ];
    expect(mistakesIn(CLUSTER, ...two)).toEqual([
      'mail.yaml:20: document 3 (MailboxPartition b): spec.holds.namespaces[1]: namespace "Shared" is held by a already; allowed: by one partition',
    ]);
  });

  test('the same object twice, two clusters', () => {
    expect(mistakesIn(CLUSTER, partition('a', ALL), CLUSTER, CLUSTER.replace('mail', 'other'))).toEqual([
      'mail.yaml:16: document 3 (ImapCluster mail): metadata.name: the same object stands at mail.yaml:1 already',
      'mail.yaml:16: document 3 (ImapCluster mail): metadata.name: a second ImapCluster; standalone runs exactly one',
      'mail.yaml:21: document 4 (ImapCluster other): metadata.name: a second ImapCluster; standalone runs exactly one',
    ]);
  });

  test('a secret that is missing, or lacks its key', () => {
    const tls = CLUSTER.replace('{}', '{tls: {secretName: cert}}');
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: cert}\nstringData: {tls.crt: x}\n';
    expect(mistakesIn(tls, partition('a', ALL))).toEqual([
      'mail.yaml:4: document 1 (ImapCluster mail): spec.tls.secretName: no Secret "cert" in namespace default',
    ]);
    expect(mistakesIn(tls, partition('a', ALL), secret)).toEqual([
      'mail.yaml:14: document 3 (Secret cert): data: tls.key is missing; ImapCluster mail takes it for TLS',
    ]);
  });

  test('servers of somebody else without a Secret for them, or with one that lacks the password', () => {
    const members = '[{name: m0, host: db-0}, {name: m1, host: db-1}, {name: m2, host: db-2}]';
    const servers = `members: ${members}, credentialsSecretRef: {name: db}`;
    const existing = partition('a', ALL).replace('managed: {}', servers);
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {username: dba}\n';
    expect(mistakesIn(CLUSTER, existing)).toEqual([
      expect.stringContaining('spec.repository.credentialsSecretRef.name: no Secret "db" in namespace default'),
    ]);
    expect(mistakesIn(CLUSTER, existing, secret)).toEqual([
      expect.stringContaining('(Secret db): data: password is missing; MailboxPartition a takes it for its servers'),
    ]);
    expect(mistakesIn(CLUSTER, existing, secret.replace('dba', 'dba, password: x'))).toEqual([]);
  });

  test('the manifests of the guide to existing servers', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/existing-servers.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? [];
    expect(yaml).toContain('credentialsSecretRef');
    expect(mistakesIn(CLUSTER, yaml)).toEqual([]);
  });

  test('a certificate that is none, a key that is none or another one’s', async () => {
    const tls = CLUSTER.replace('{}', '{tls: {secretName: cert}}');
    const pair = () => generate([{ name: 'commonName', value: 'mail' }], { keyType: 'ec', algorithm: 'sha256' });
    const [own, other] = [await pair(), await pair()];
    const says = (crt: string, key: string): readonly string[] => {
      const data = JSON.stringify({ 'tls.crt': crt, 'tls.key': key });
      const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: cert}\nstringData: ${data}\n`;
      return mistakesIn(tls, partition('a', ALL), secret);
    };
    const where = 'mail.yaml:14: document 3 (Secret cert): data: ';
    expect(says(own.cert, own.private)).toEqual([]);
    expect(says('x', own.private)).toEqual([
      `${where}tls.crt is no certificate in PEM; ImapCluster mail takes it for TLS`,
    ]);
    expect(says(own.cert, own.cert)).toEqual([expect.stringContaining('tls.key is no private key in PEM')]);
    expect(says(own.cert, other.private)).toEqual([
      expect.stringContaining('tls.key is not the key of the certificate in tls.crt'),
    ]);
  });

  test('a capability that does not exist is a warning', () => {
    const disabling = CLUSTER.replace(
      '{}',
      '{capabilities: {disabled: [IDLE, IDEL, X-NONE], enabled: [UIDONLY, IDLE]}}',
    );
    expect(warningsIn(disabling, partition('a', ALL))).toEqual([
      'mail.yaml:4: document 1 (ImapCluster mail): spec.capabilities.disabled[1]: found "IDEL", which imapd does not offer; did you mean "IDLE"?',
      'mail.yaml:4: document 1 (ImapCluster mail): spec.capabilities.disabled[2]: found "X-NONE", which imapd does not offer',
      'mail.yaml:4: document 1 (ImapCluster mail): spec.capabilities.enabled[1]: found "IDLE", which needs no enabling',
    ]);
  });

  test('nothing to run', () => {
    expect(mistakesIn('')).toEqual([
      'mail.yaml:1: an ImapCluster is missing',
      'mail.yaml:1: at least one MailboxPartition is missing',
    ]);
  });

  test('a field without effect here is a warning, its default is none', () => {
    const sized = partition('a', ALL).replace('managed: {}', 'managed: {storage: {size: 5Gi}}');
    expect(warningsIn(CLUSTER, sized)).toEqual([
      'mail.yaml:11: document 2 (MailboxPartition a): spec.repository.managed.storage.size: has no effect here: the databases share the disk of the state folder',
    ]);
    expect(warningsIn(CLUSTER, partition('a', ALL))).toEqual([]);
  });

  test('slots that nobody holds are a warning', () => {
    expect(warningsIn(CLUSTER, partition('a', 'holds: {slots: [0-99, 200-1000, "1023"]}'))).toEqual([
      'mail.yaml:12: document 2 (MailboxPartition a): spec.holds.slots: no partition holds slots 100-199, 1001-1022: users in them cannot be added',
    ]);
  });
});
