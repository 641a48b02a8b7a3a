import { Type } from 'typebox';
import { MAJOR_VERSIONS } from '#crds/major-versions.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '#crds/object-meta.ts';
import { type Engine, productName } from '#database/engine.ts';
import { defaultLeaseTiming } from '#operator/kubernetes/lease/leader-election.ts';
import { defaultTuning } from '#operator/tuning.ts';
import { asKubernetes, choice, count, group, listOf, text } from './fields.ts';

const labelName = Type.String({ pattern: DNS_LABEL, maxLength: 63 });
const objectName = Type.String({ pattern: DNS_SUBDOMAIN, maxLength: 253 });

const image = (program: string) =>
  group(
    {
      repository: text('Name, below `images.registry`.', { default: `imapcluster-${program}` }),
      tag: text('In place of `images.tag`.'),
      digest: text('`sha256:…`; where given, the tag is left out.', { pattern: '^(sha256:[0-9a-f]{64})?$' }),
    },
    IMAGE_OF[program] ?? program,
  );

const IMAGE_OF: Readonly<Record<string, string>> = {
  operator: 'The operator itself.',
  imapd: 'The IMAP server and its jobs. An ImapCluster may name another one (`spec.image`).',
  member: 'The agent, copied into the pods of managed databases by an init container.',
};

function databaseImage(engine: Engine, usual: { readonly image: string; readonly majorVersion: number }) {
  const [minimum, maximum] = MAJOR_VERSIONS[engine];
  return group(
    {
      image: text(
        'With a tag other than latest, or a digest. The stock image made from Debian or another system with glibc, or laid out like it: on Alpine the agent cannot run.',
        // `latest` is refused by the operator: the patterns of Helm cannot say "not".
        { default: usual.image, pattern: '(@sha256:[0-9a-f]{64}|:[^/:@]+)$' },
      ),
      majorVersion: Type.Integer({
        ...{ default: usual.majorVersion, minimum, maximum },
        description: 'Major version of the server in it, which a digest does not tell.',
      }),
    },
    `Database server of managed partitions on ${productName[engine]} that name no image of their own.`,
  );
}

/** What decides which programs run. */
export const imageValues = group(
  {
    registry: text('What stands before the names of our three images; empty for nothing.', { default: 'localhost' }),
    tag: text("Of our three images; empty for the chart's appVersion."),
    pullPolicy: choice(['IfNotPresent', 'Always', 'Never'], 'IfNotPresent', 'Of every pod.'),
    pullSecrets: listOf(
      objectName,
      "Names of Secrets with credentials of a registry. They have to exist in the operator's namespace and in every namespace with an ImapCluster.",
    ),
    operator: image('operator'),
    imapd: image('imapd'),
    member: image('member'),
    postgres: databaseImage('postgresql', { image: 'postgres:18', majorVersion: 18 }),
    // Of the series that everything is tested with.
    mariadb: databaseImage('mariadb', { image: 'mariadb:11.8', majorVersion: 11 }),
    mysql: databaseImage('mysql', { image: 'mysql:9.7', majorVersion: 9 }),
  },
  'Container images. There is no public registry of ours yet: build them (docs/guides/images.md) and push or load them.',
);

const tuningFields = Object.fromEntries(
  Object.keys(defaultTuning).map((name) => [name, Type.Optional(Type.Integer({ minimum: 1 }))]),
);

/** What becomes of `operator.json`, besides images. */
export const behaviourValues = {
  watchNamespaces: listOf(
    labelName,
    'Namespaces whose ImapClusters the operator looks after. Empty: all, with a ClusterRole. Otherwise a Role in each, which must exist already.',
  ),
  logLevel: choice(
    ['trace', 'debug', 'info', 'warn', 'error'],
    'info',
    'Of the operator and of the pods that it makes.',
  ),
  leaderElection: group(
    {
      durationSeconds: count('How long the other replica respects a leader that is silent.', {
        ...{ default: defaultLeaseTiming.durationSeconds, minimum: 2 },
      }),
      renewDeadlineMs: count('How long a leader goes on without a renewal; well below the duration.', {
        ...{ default: defaultLeaseTiming.renewDeadlineMs, minimum: 500 },
      }),
      intervalMs: count('Between two renewals.', { default: defaultLeaseTiming.intervalMs, minimum: 100 }),
    },
    'The Lease by which one of the replicas becomes the leader. A lost leader costs this long.',
  ),
  imapd: group(
    {
      resources: asKubernetes('Requests and limits of imapd pods whose ImapCluster says nothing of it.', {
        requests: { cpu: '100m', memory: '256Mi' },
        limits: { memory: '1Gi' },
      }),
    },
    'The pods that serve IMAP.',
  ),
  members: group(
    {
      replaceLostAfterSeconds: count(
        'How long a database server on a lost node is waited for before another one is made in its place.',
        { default: 600, minimum: 1 },
      ),
      upgrade: choice(
        ['OnRestart', 'Rolling'],
        'OnRestart',
        'When running database servers take what a new version of this chart brings (agent, default image of the database): when they are made anew anyhow, or at once, one by one, replicas first and then by a switchover.',
      ),
    },
    'The database servers of managed partitions.',
  ),
  keys: group(
    {
      rotationGraceSeconds: count(
        'How long a new signing key is known to all before it signs, and a new password before the database gets it: mounted Secrets reach pods with a delay.',
        { default: 120 },
      ),
    },
    'Keys that sign what the operator says to imapd and agents, and passwords of databases.',
  ),
  apiServer: group(
    {
      maxRequests: count(
        'Requests of the leader at the same time, a connection each; others wait for their turn. The Lease and the watches have connections of their own.',
        { default: 32, minimum: 4 },
      ),
    },
    'Use of the Kubernetes API.',
  ),
  listenAddress: choice(
    ['0.0.0.0', '::'],
    '0.0.0.0',
    'Every address of a pod, of the operator as of those that it makes. `::` where pods have IPv6 only.',
  ),
  tuning: Type.Object(tuningFields, {
    ...{ additionalProperties: false, default: {} },
    description: 'Budgets and periods of failovers, by the names in docs/reference/configuration.md. Nobody has to.',
  }),
} as const;
