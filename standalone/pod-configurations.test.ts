import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { ImapClusterSpec } from '#crds/imap-cluster.ts';
import { OAuth } from '#imapd/auth/oauth/oauth-configuration.ts';
import { ImapdConfiguration } from '#imapd/configuration.ts';
import { credentialsFrom } from '#imapd/routing/credentials.ts';
import { MemberConfiguration } from '#member/configuration.ts';
import { MemberSecrets } from '#member/secrets.ts';
import { credentialsSecret } from '#operator/cluster/credentials-secret.ts';
import { imapdConfiguration, POD_FIELD } from '#operator/cluster/imapd-configuration.ts';
import { imapdInput, testCluster } from '#operator/cluster/test-support/imapd-input.ts';
import { partitionCredentialsSecret } from '#operator/partition/objects/credentials-secret.ts';
import { stockImage } from '#operator/partition/objects/database-image.ts';
import {
  HOST_FIELD,
  INSTANCE_FIELD,
  MEMBER_FIELD,
  memberConfiguration,
} from '#operator/partition/objects/member-configuration.ts';
import { memberInput, testPartition } from '#operator/partition/objects/test-support/member-input.ts';
import { loadConfiguration } from '#runtime/configuration.ts';

/**
 * What the operator writes for pods is what the programs in them read. The test stands here, because the operator knows
 * neither program.
 */
const imapd = (spec: object = {}): ImapdConfiguration => {
  const file: unknown = JSON.parse(JSON.stringify(imapdConfiguration(imapdInput(spec))));
  return Value.Parse(
    ImapdConfiguration,
    Value.Default(ImapdConfiguration, { ...(file as object), [POD_FIELD]: 'mail-1' }),
  );
};

test('imapd takes the configuration of a cluster with all defaults', () => {
  expect(imapd()).toMatchObject({
    pod: 'mail-1',
    cluster: 'mail',
    listen: { imap: { host: '0.0.0.0', port: 1143 } },
    sessions: { writeHoldMs: 15_000, drainGraceMs: 60_000, maxPerPod: 5_000 },
    reads: {
      ...{ maxReplicaLagMs: 5_000, recentContentCacheBytes: 64 * 1024 ** 2, readAheadBytes: 16 * 1024 ** 2 },
      searchSignatures: false,
    },
    runAs: null,
  });
  expect(imapd().tls).toBeUndefined();
});

test('imapd takes everything that a cluster may say', () => {
  const spec = {
    tls: { secretName: 'mail-tls' },
    reads: { maxReplicaLag: '1m', recentContentCache: '0.3Mi', readAhead: '0' },
    sessions: { writeHold: '1m30s', idleKeepAlive: '25s', maxPerUser: 7, maxUnauthenticated: 8 },
    messages: { maxSize: '20M', perCommand: 10_000, perSave: 5000 },
    metadata: { comment: 'Backups at night.', admin: 'mailto:root@example.org', maxSize: '8Ki' },
    quota: { storage: '5Gi', messages: 100_000 },
    sharing: { seen: 'PerUser' },
    capabilities: { disabled: ['IDLE'], enabled: ['UIDONLY'] },
    service: { proxyProtocolFrom: ['192.0.2.0/24', '10.0.0.0/8'] },
    authentication: {
      passwords: false,
      oauthBearer: {
        ...{
          issuer: 'https://id.example.org',
          audience: 'mail',
          usernameClaim: 'sub',
          groupsClaim: 'groups',
          scope: 'mail',
        },
        ...{
          jwksUri: 'https://id.example.org/keys',
          caSecretName: 'issuer',
          clockSkew: '30s',
          acceptUnmarkedEmail: true,
        },
      },
      clientCertificates: { caSecretName: 'clients', userFrom: 'CommonName' },
      admins: ['migrator'],
    },
  };
  expect(imapd(spec)).toMatchObject({
    tls: { certFile: '/etc/imapcluster/tls/tls.crt' },
    listen: { imaps: { port: 1993 } },
    reads: { maxReplicaLagMs: 60_000, recentContentCacheBytes: 314_573, readAheadBytes: 0 },
    sessions: { writeHoldMs: 90_000, idleKeepAliveMs: 25_000, maxPerUser: 7, maxStrangers: 8 },
    protocol: { message: 20_000_000 },
    sharing: { seen: 'perUser', maxEntries: 100 },
    capabilities: { disabled: ['IDLE'], enabled: ['UIDONLY'] },
    proxyProtocolFrom: ['10.0.0.0/8', '192.0.2.0/24'],
    authentication: {
      passwords: false,
      scramSecret: 'a-secret-of-some-length',
      oauth: {
        ...{
          issuer: 'https://id.example.org',
          audience: 'mail',
          usernameClaim: 'sub',
          groupsClaim: 'groups',
          scope: 'mail',
        },
        ...{ jwksUri: 'https://id.example.org/keys', clockSkewMs: 30_000, acceptUnmarkedEmail: true },
        caFile: '/etc/imapcluster/issuer-authority/ca.crt',
      },
      clientCertificates: { caFile: '/etc/imapcluster/client-authority/ca.crt', userFrom: 'commonName' },
      admins: ['migrator'],
    },
  });
});

test.each(['https://', 'https://a b', 'https:///realm', 'http://id.example.org'])(
  '%j as a URL of an issuer is taken by neither manifest nor imapd',
  (url) => {
    const good = { issuer: 'https://id.example.org', audience: 'mail' };
    for (const wrong of [{ issuer: url }, { jwksUri: url }]) {
      const withUrl = (more: object): unknown =>
        Value.Default(ImapClusterSpec, { authentication: { oauthBearer: { ...good, ...more } } });
      expect(Value.Check(ImapClusterSpec, withUrl({}))).toBe(true);
      expect(Value.Check(ImapClusterSpec, withUrl(wrong))).toBe(false);
      expect(Value.Check(OAuth, Value.Default(OAuth, { ...good }))).toBe(true);
      expect(Value.Check(OAuth, Value.Default(OAuth, { ...good, ...wrong }))).toBe(false);
    }
  },
);

/** As the agent reads it: from a file, with what its arguments set. */
async function agent(managed: object = {}, input = memberInput(managed)): Promise<MemberConfiguration> {
  const folder = await mkdtemp(join(tmpdir(), 'pod-configurations-'));
  try {
    const file = join(folder, 'agent.json');
    await writeFile(file, JSON.stringify(memberConfiguration(input)));
    return await loadConfiguration(file, MemberConfiguration, {
      [MEMBER_FIELD]: 'users-a-1',
      [HOST_FIELD]: '10.1.2.3',
      [INSTANCE_FIELD]: 'uid-of-its-pod',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each([
  { engine: 'mariadb', image: 'mariadb:10.11', majorVersion: 10 },
  { engine: 'mysql', image: 'mysql:9.7', majorVersion: 9 },
] as const)('the agent of $engine is told which version its server is to be of', async (asked) => {
  const { engine, image, majorVersion } = asked;
  const input = memberInput({}, { database: stockImage(engine, image, majorVersion) });
  const { spec } = input.partition;
  const partition = { ...input.partition, spec: { ...spec, repository: { ...spec.repository, engine } } };
  const { server, ...rest } = await agent({}, { ...input, partition });
  expect(rest.engine).toBe(engine);
  expect(server).toMatchObject({ port: 3306, binDirectory: '/usr/sbin', majorVersion });
  // Agents of an older make, which know no such field, start again by the same file.
  expect((await agent()).server).not.toHaveProperty('majorVersion');
});

test('the agent takes the configuration of a managed partition', async () => {
  expect(await agent({ parameters: { work_mem: '8MB' } })).toMatchObject({
    cluster: 'mail',
    partition: 'users-a',
    member: 'users-a-1',
    listen: { host: '0.0.0.0', port: 8080 },
    server: { host: '10.1.2.3', port: 5432, listenAddresses: '*', database: 'imap', parameters: { work_mem: '8MB' } },
    probe: { intervalMs: 250 },
    isolation: { afterMs: 10_000 },
    handOver: { withinMs: 20_000 },
    instance: 'uid-of-its-pod',
    runAs: null,
  });
});

test('a member without peers does not take their silence for isolation, nor waits for one to take over', async () => {
  const { isolation, handOver } = await agent({ instances: 1 });
  expect([isolation.afterMs, handOver.withinMs]).toEqual([null, 0]);
});

test('the agent takes the passwords of the credentials Secret', () => {
  const passwords = { admin: 'admin-secret', replication: 'repl-secret', mail: 'mail-secret', salvage: 'salv-secret' };
  const { data } = partitionCredentialsSecret(testPartition(), passwords);
  const file = Buffer.from(data?.['passwords.json'] ?? '', 'base64').toString();
  expect(Value.Parse(MemberSecrets, JSON.parse(file))).toEqual(passwords);
});

test('the agent takes passwords that are being replaced', () => {
  const passwords = { admin: 'admin-secret', replication: 'repl-secret', mail: 'mail-secret', salvage: 'salv-secret' };
  const others = { next: { ...passwords, mail: 'next-secret' }, previous: { ...passwords, mail: 'last-secret' } };
  const { data } = partitionCredentialsSecret(testPartition(), passwords, others);
  const file = Buffer.from(data?.['passwords.json'] ?? '', 'base64').toString();
  expect(Value.Parse(MemberSecrets, JSON.parse(file))).toEqual({ ...passwords, ...others });
});

test('imapd and its jobs take both passwords of a role while one is replaced', async () => {
  const passwords = { admin: 'admin-secret', replication: 'repl-secret', mail: 'mail-secret', salvage: 'salv-secret' };
  const next = { ...passwords, mail: 'next-secret' };
  const ofCluster = credentialsSecret(
    testCluster(),
    new Map([['users-a', passwords.mail]]),
    new Map([['users-a', next.mail]]),
  );
  const ofPartition = partitionCredentialsSecret(testPartition(), passwords, { next });
  const files = { 'users-a.json': ofCluster.data?.['users-a.json'], 'mail.json': ofPartition.data?.['mail.json'] };
  const folder = await mkdtemp(join(tmpdir(), 'pod-configurations-'));
  try {
    for (const [name, data = ''] of Object.entries(files)) await writeFile(join(folder, name), data, 'base64');
    const taken = { user: 'imapcluster_mail', password: 'mail-secret', otherPassword: 'next-secret' };
    expect(await credentialsFrom(folder, 'users-a')()).toEqual(taken);
    expect(await credentialsFrom(folder, 'mail')()).toEqual(taken);
  } finally {
    await rm(folder, { recursive: true });
  }
});
