/**
 * What each rule accepts and refuses, at its edges. One table for three judges: the predicates, standalone's checks of
 * manifests and a real API server; each of them runs all of it, and a rule without examples fails their tests.
 */
export type RuleExamples = {
  readonly kind: 'ImapCluster' | 'MailboxPartition';
  /** Part of the rule's message, of no other's of the kind. */
  readonly says: string;
  /** Manifests that keep the rule and every other one. */
  readonly accepted: readonly Patch[];
  /** Manifests that break this rule and no other. */
  readonly refused: readonly Patch[];
  /** The object before, for a rule about a change. */
  readonly before?: Patch;
};

/** What is put, by dotted path, into the smallest manifest of the kind. `undefined` takes a field away. */
export type Patch = Readonly<Record<string, unknown>>;

const members = (count: number): Patch => ({
  'spec.repository.managed': undefined,
  'spec.repository.members': Array.from({ length: count }, (_, index) => ({ name: `m${index}`, host: `db-${index}` })),
  'spec.repository.credentialsSecretRef': { name: 'administrator' },
});
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const authority = (ca: string): Patch => ({ ...members(3), 'spec.repository.tls': { mode: 'Verify', ca } });
const tokens = (more: object): object => ({ issuer: 'https://id.example.org', audience: 'mail', ...more });
const repeated = (count: number): string => 'a'.repeat(count);

const clusterExamples: readonly Omit<RuleExamples, 'kind'>[] = [
  {
    says: 'the name is a DNS label',
    accepted: [{ 'metadata.name': repeated(50) }],
    refused: [{ 'metadata.name': repeated(51) }, { 'metadata.name': 'a.b' }],
  },
  {
    says: 'at least one of passwords, oauthBearer and clientCertificates',
    accepted: [
      { 'spec.authentication': {} },
      {
        'spec.authentication': {
          passwords: false,
          oauthBearer: { issuer: 'https://id.example.org', audience: 'mail' },
        },
      },
      {
        'spec.authentication': { passwords: false, clientCertificates: { caSecretName: 'clients' } },
        'spec.tls': { secretName: 'mail-tls' },
      },
    ],
    refused: [{ 'spec.authentication': { passwords: false } }],
  },
  {
    says: 'clientCertificates needs tls',
    accepted: [
      {
        'spec.authentication.clientCertificates': { caSecretName: 'clients' },
        'spec.tls': { secretName: 'mail-tls' },
      },
    ],
    refused: [{ 'spec.authentication.clientCertificates': { caSecretName: 'clients' } }],
  },
  {
    says: 'clockSkew lies between',
    accepted: [{ 'spec.authentication.oauthBearer': tokens({ clockSkew: '0s' }) }],
    refused: [{ 'spec.authentication.oauthBearer': tokens({ clockSkew: '301s' }) }],
  },
  {
    says: 'maxReplicaLag lies between',
    accepted: [{ 'spec.reads.maxReplicaLag': '100ms' }, { 'spec.reads.maxReplicaLag': '59m60s' }],
    refused: [{ 'spec.reads.maxReplicaLag': '99ms' }, { 'spec.reads.maxReplicaLag': '1h1ms' }],
  },
  {
    says: 'writeHold lies between',
    accepted: [{ 'spec.sessions.writeHold': '1s' }, { 'spec.sessions.writeHold': '5m' }],
    refused: [{ 'spec.sessions.writeHold': '999ms' }, { 'spec.sessions.writeHold': '301s' }],
  },
  {
    says: 'drainGracePeriod lies between',
    accepted: [{ 'spec.sessions.drainGracePeriod': '0s' }, { 'spec.sessions.drainGracePeriod': '1h' }],
    refused: [{ 'spec.sessions.drainGracePeriod': '1h1s' }],
  },
  {
    says: 'idleKeepAlive lies between',
    accepted: [{ 'spec.sessions.idleKeepAlive': '10s' }, { 'spec.sessions.idleKeepAlive': '29m' }],
    refused: [{ 'spec.sessions.idleKeepAlive': '9s' }, { 'spec.sessions.idleKeepAlive': '29m1s' }],
  },
  {
    says: 'recentContentCache lies between',
    accepted: [{ 'spec.reads.recentContentCache': '0' }, { 'spec.reads.recentContentCache': '16Gi' }],
    refused: [{ 'spec.reads.recentContentCache': '17Gi' }, { 'spec.reads.recentContentCache': '500Pi' }],
  },
  {
    says: 'readAhead lies between',
    accepted: [{ 'spec.reads.readAhead': '0' }, { 'spec.reads.readAhead': '16Gi' }],
    refused: [{ 'spec.reads.readAhead': '17Gi' }, { 'spec.reads.readAhead': '500Pi' }],
  },
  {
    says: 'maxSize lies between 1Ki and 1Gi',
    accepted: [{ 'spec.messages.maxSize': '1024' }, { 'spec.messages.maxSize': '1Gi' }],
    refused: [{ 'spec.messages.maxSize': '1023' }, { 'spec.messages.maxSize': '1.1Gi' }],
  },
  {
    says: 'maxSize lies between 1Ki and 64Ki',
    accepted: [{ 'spec.metadata.maxSize': '1Ki' }, { 'spec.metadata.maxSize': '64Ki' }],
    refused: [{ 'spec.metadata.maxSize': '1000' }, { 'spec.metadata.maxSize': '65Ki' }],
  },
  {
    says: 'maxPerUser lies between 64Ki and 16Mi',
    accepted: [{ 'spec.metadata.maxPerUser': '64Ki' }, { 'spec.metadata.maxPerUser': '16Mi' }],
    refused: [{ 'spec.metadata.maxPerUser': '63Ki' }, { 'spec.metadata.maxPerUser': '17Mi' }],
  },
  {
    says: 'storage lies between',
    accepted: [{ 'spec.quota.storage': '1Mi' }, { 'spec.quota.storage': '1Pi' }],
    refused: [{ 'spec.quota.storage': '1000k' }, { 'spec.quota.storage': '2Pi' }],
  },
  {
    says: 'IMAP4rev1 cannot be disabled',
    accepted: [{ 'spec.capabilities.disabled': ['IMAP4REV2', 'UIDONLY'] }],
    refused: [{ 'spec.capabilities.disabled': ['IDLE', 'IMAP4REV1'] }],
  },
  {
    says: 'LOGINDISABLED cannot be disabled',
    accepted: [{ 'spec.capabilities.disabled': [] }],
    refused: [{ 'spec.capabilities.disabled': ['LOGINDISABLED'] }],
  },
];

const shapeExamples: readonly Omit<RuleExamples, 'kind'>[] = [
  {
    says: 'the name is a DNS label',
    accepted: [{ 'metadata.name': repeated(50) }],
    refused: [{ 'metadata.name': repeated(51) }, { 'metadata.name': 'a.b' }],
  },
  {
    says: 'a shared namespace is called neither',
    accepted: [{ 'spec.holds.namespaces': ['Shared', 'News & more', 'Über uns', 'Other'] }],
    refused: [{ 'spec.holds.namespaces': ['News', 'inbox'] }, { 'spec.holds.namespaces': ['Other Users'] }],
  },
  {
    says: 'slots lie between',
    accepted: [{ 'spec.holds.slots': ['0', '7-7', '0008-1023'] }, { 'spec.holds.slots': [] }],
    refused: [
      { 'spec.holds.slots': ['1024'] },
      { 'spec.holds.slots': ['0-511', '512-1024'] },
      { 'spec.holds.slots': ['3-2'] },
      { 'spec.holds.slots': ['9-10', '9999'] },
    ],
  },
  {
    says: 'exactly one of managed and members',
    accepted: [{ 'spec.repository.managed': {} }, members(3)],
    refused: [
      { ...members(3), 'spec.repository.managed': {} },
      { 'spec.repository.managed': undefined, 'spec.durability.mode': 'Async' },
    ],
  },
  {
    says: 'credentialsSecretRef goes with members',
    accepted: [members(9)],
    refused: [
      { 'spec.repository.credentialsSecretRef': { name: 'administrator' } },
      { ...members(3), 'spec.repository.credentialsSecretRef': undefined },
    ],
  },
  {
    says: 'tls goes with members',
    accepted: [{ ...members(3), 'spec.repository.tls': { serverName: '192.0.2.1' } }],
    refused: [{ 'spec.repository.tls': {} }],
  },
  {
    says: 'ca is PEM of certificates',
    accepted: [authority(`${CERTIFICATE}${CERTIFICATE}`)],
    refused: [
      authority('somewhere/ca.pem'),
      authority(`${CERTIFICATE}${CERTIFICATE.replaceAll('CERTIFICATE', 'PRIVATE KEY')}`),
    ],
  },
  {
    says: 'a name of a parameter consists of',
    accepted: [{ 'spec.repository.managed.parameters': { work_mem: '4MB', 'pg_stat_statements.max': '100' } }],
    refused: [
      { 'spec.repository.managed.parameters': { 'Work Mem': '4MB' } },
      { 'spec.repository.managed.parameters': { [repeated(64)]: '1' } },
      { 'spec.repository.managed.parameters': { "a' = 1\nfsync": 'off' } },
    ],
  },
  {
    says: "none of the server's own",
    accepted: [{ 'spec.repository.database': 'postgres_mail' }],
    refused: [{ 'spec.repository.database': 'postgres' }, { 'spec.repository.database': 'template1' }],
  },
  {
    says: 'retainedLog lies between',
    accepted: [{ 'spec.repository.managed.retainedLog': '64Mi' }, { 'spec.repository.managed.retainedLog': '1024Gi' }],
    refused: [
      { 'spec.repository.managed.retainedLog': '63Mi' },
      { 'spec.repository.managed.retainedLog': '5m' },
      { 'spec.repository.managed.retainedLog': '1025Gi' },
    ],
  },
  {
    says: 'image goes with majorVersion',
    accepted: [{ 'spec.repository.managed': { image: 'postgres:17.2', majorVersion: 17 } }],
    refused: [
      { 'spec.repository.managed.image': 'registry.example.org:5000/postgres@sha256:0a1b' },
      { 'spec.repository.managed.majorVersion': 18 },
    ],
  },
  {
    says: 'has a tag other than latest, or a digest',
    accepted: [
      'postgres:18',
      'registry.example.org:5000/postgres:18.1-bookworm',
      'registry.example.org:5000/postgres@sha256:0a1b',
      'postgres:latest@sha256:0a1b',
    ].map((image) => ({ 'spec.repository.managed': { image, majorVersion: 18 } })),
    refused: ['postgres', 'postgres:latest', 'registry.example.org:5000/postgres'].map((image) => ({
      'spec.repository.managed': { image, majorVersion: 18 },
    })),
  },
  ...(
    [
      ['postgresql', [15, 18], [14, 11]],
      ['mariadb', [10, 11], [9, 12, 18]],
      ['mysql', [8, 9], [10, 18]],
    ] as const
  ).map(([engine, taken, others]) => {
    const withMajor = (majorVersion: number) => ({
      'spec.repository.engine': engine,
      'spec.repository.managed': { image: 'db:1', majorVersion },
    });
    return {
      says: `managed.majorVersion of ${engine} lies between`,
      accepted: taken.map(withMajor),
      refused: others.map(withMajor),
    };
  }),
  {
    says: 'of those of postgresql these belong to the operator',
    accepted: [
      { 'spec.repository.managed.parameters': { fsync_of_mine: 'off' } },
      { 'spec.repository.managed.parameters': { max_connections: '400', log_checkpoints: 'on', jit: 'on' } },
    ],
    refused: [
      { 'spec.repository.managed.parameters': { include: '/tmp/more.conf' } },
      { 'spec.repository.managed.parameters': { include_dir: 'conf.d' } },
      { 'spec.repository.managed.parameters': { recovery_min_apply_delay: '1h' } },
      { 'spec.repository.managed.parameters': { restore_command: 'cp %f %p' } },
      { 'spec.repository.managed.parameters': { idle_replication_slot_timeout: '1h' } },
      { 'spec.repository.managed.parameters': { statement_timeout: '5s' } },
      { 'spec.repository.managed.parameters': { 'imapcluster.generation': '1' } },
      { 'spec.repository.managed.parameters': { fsync: 'off' } },
      { 'spec.repository.managed.parameters': { work_mem: '4MB', synchronous_standby_names: '*' } },
    ],
  },
  ...(['mariadb', 'mysql'] as const).map((engine) => {
    const own = { mariadb: { max_statement_time: '5' }, mysql: { super_read_only: 'OFF' } };
    const withParameters = (parameters: Readonly<Record<string, string>>) => ({
      'spec.repository.engine': engine,
      'spec.repository.managed.parameters': parameters,
    });
    return {
      says: `of those of ${engine} these belong to the operator`,
      accepted: [
        withParameters({ innodb_buffer_pool_size: '4G', max_connections: '400', max_allowed_packet: '64M' }),
        withParameters(own[engine === 'mariadb' ? 'mysql' : 'mariadb']),
        // What PostgreSQL reserves.
        withParameters({ fsync: 'off', include: '/tmp/more.conf' }),
      ],
      refused: [
        withParameters({ sync_binlog: '0' }),
        withParameters({ innodb_flush_log_at_trx_commit: '2' }),
        withParameters({ loose_sync_binlog: '0' }),
        withParameters({ skip_networking: '1' }),
        withParameters({ read_only: '0' }),
        withParameters({ max_connections: '400', gtid_mode: 'OFF' }),
        withParameters({ replicate_ignore_db: 'imap' }),
        withParameters(own[engine]),
      ],
    };
  }),
];

const promiseExamples: readonly Omit<RuleExamples, 'kind'>[] = [
  {
    says: 'Quorum needs at least 2 members',
    accepted: [
      { 'spec.repository.managed.instances': 2, 'spec.durability.whenDegraded': 'Async' },
      { 'spec.repository.managed.instances': 1, 'spec.durability.mode': 'Async' },
      { ...members(2), 'spec.durability.whenDegraded': 'Async' },
    ],
    refused: [
      { 'spec.repository.managed.instances': 1, 'spec.durability.whenDegraded': 'Async' },
      { ...members(1), 'spec.durability.whenDegraded': 'Async' },
    ],
  },
  {
    says: 'Hold needs at least 3 members',
    accepted: [{ 'spec.repository.managed.instances': 3 }, members(3)],
    refused: [{ 'spec.repository.managed.instances': 2 }, members(2)],
  },
  {
    says: 'probeInterval lies between',
    accepted: [{ 'spec.failover.probeInterval': '50ms' }, { 'spec.failover.probeInterval': '60s' }],
    refused: [{ 'spec.failover.probeInterval': '49ms' }, { 'spec.failover.probeInterval': '1m1ms' }],
  },
  {
    says: 'delay is at most 1h',
    accepted: [{ 'spec.failover.delay': '0s' }, { 'spec.failover.delay': '60m' }],
    refused: [{ 'spec.failover.delay': '61m' }],
  },
];

const changeExamples: readonly Omit<RuleExamples, 'kind'>[] = [
  {
    says: 'clusterRef cannot be changed',
    before: {},
    accepted: [{ 'spec.paused': true }],
    refused: [{ 'spec.clusterRef.name': 'other' }],
  },
  {
    says: 'engine cannot be changed',
    before: {},
    accepted: [{ 'spec.holds.slots': ['0-1023'] }],
    refused: [{ 'spec.repository.engine': 'mysql' }, { 'spec.repository.engine': 'mariadb' }],
  },
  {
    says: 'database cannot be changed',
    before: {},
    accepted: [{ 'spec.repository.database': 'imap' }],
    refused: [{ 'spec.repository.database': 'other' }],
  },
  {
    says: 'cannot change between managed and members',
    before: {},
    accepted: [{ 'spec.durability.mode': 'Async' }, { 'spec.repository.managed.instances': 5 }],
    refused: [members(3)],
  },
  {
    says: 'majorVersion cannot be changed',
    before: { 'spec.repository.managed': { image: 'postgres:17.1', majorVersion: 17 } },
    accepted: [{ 'spec.repository.managed': { image: 'postgres:17.2', majorVersion: 17 } }],
    refused: [{ 'spec.repository.managed': { image: 'postgres:18.0', majorVersion: 18 } }],
  },
  {
    says: 'storage cannot shrink',
    before: { 'spec.repository.managed.storage.size': '20Gi' },
    accepted: [
      { 'spec.repository.managed.storage.size': '20480Mi' },
      { 'spec.repository.managed.storage.size': '22G' },
      { 'spec.repository.managed.storage.size': '1Ti' },
    ],
    refused: [
      { 'spec.repository.managed.storage.size': '20G' },
      { 'spec.repository.managed.storage.size': '20479Mi' },
      { 'spec.repository.managed.storage.size': '500m' },
    ],
  },
];

/** Every rule of every kind with its examples. */
export const ruleExamples: readonly RuleExamples[] = [
  ...clusterExamples.map((examples) => ({ kind: 'ImapCluster', ...examples }) as const),
  ...[...shapeExamples, ...promiseExamples, ...changeExamples].map(
    (examples) => ({ kind: 'MailboxPartition', ...examples }) as const,
  ),
];
