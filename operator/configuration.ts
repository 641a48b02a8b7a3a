import type { V1NetworkPolicyPeer } from '@kubernetes/client-node';
import { type Static, Type } from 'typebox';
import { MAJOR_VERSIONS } from '#crds/major-versions.ts';
import { type Engine, productName } from '#database/engine.ts';
import { crashSignals } from './failover/steps/crash-point.ts';
import type { Tuning } from './tuning.ts';

const closed = { additionalProperties: false };
const Label = (description: string) =>
  Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', maxLength: 63, description });
const Image = (description: string) => Type.String({ minLength: 1, maxLength: 512, description });

const Lease = Type.Object(
  {
    namespace: Label('Namespace of the Lease: that of the operator itself.'),
    name: Type.String({ minLength: 1, maxLength: 253, description: 'Name of the Lease.' }),
    durationSeconds: Type.Integer({
      minimum: 1,
      maximum: 300,
      default: 5,
      description: 'How long others respect the Lease after its last renewal.',
    }),
    renewDeadlineMs: Type.Integer({
      minimum: 100,
      maximum: 300_000,
      default: 3_500,
      description: 'How long after its last renewal the leader goes on. Below the duration.',
    }),
    intervalMs: Type.Integer({
      minimum: 50,
      maximum: 60_000,
      default: 1_000,
      description: 'Between two renewals, and between two looks of those who wait.',
    }),
  },
  { ...closed, description: 'Which of several operators acts.' },
);

const ApiServer = Type.Object(
  {
    maxRequests: Type.Integer({
      minimum: 4,
      maximum: 1_000,
      default: 32,
      description:
        'Requests of the leader at the same time, a connection each; others wait for their turn. The Lease and the watches have connections of their own.',
    }),
  },
  { ...closed, default: {}, description: 'Use of the Kubernetes API.' },
);

const Listen = Type.Object(
  {
    host: Type.String({ minLength: 1, default: '0.0.0.0', description: 'Address to listen on.' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080, description: 'Port to listen on.' }),
  },
  { ...closed, default: {}, description: 'Health, metrics and the control API.' },
);

const Server = (engine: Engine) => {
  const [minimum, maximum] = MAJOR_VERSIONS[engine];
  const what = `Image of ${productName[engine]}, where a MailboxPartition names none.`;
  return Type.Object(
    {
      image: Image(what),
      majorVersion: Type.Integer({ minimum, maximum, description: 'Major version of the server in it.' }),
    },
    { ...closed, description: 'The database server.' },
  );
};

const Images = Type.Object(
  {
    imapd: Image('Image of imapd, where an ImapCluster names none.'),
    member: Image('Image of the member agent.'),
    postgres: Server('postgresql'),
    mariadb: Server('mariadb'),
    mysql: Server('mysql'),
  },
  { ...closed, description: 'Images of the pods that the operator makes.' },
);

const Amounts = (description: string) =>
  Type.Record(Type.String(), Type.String({ description: 'Amount.' }), { default: {}, description });

const Imapd = Type.Object(
  {
    resources: Type.Object(
      { requests: Amounts('What is set aside.'), limits: Amounts('What is never exceeded.') },
      { ...closed, default: {}, description: 'CPU and memory of each imapd pod, where an ImapCluster names none.' },
    ),
  },
  { ...closed, default: {}, description: 'The imapd pods.' },
);

const Peers = (description: string) =>
  Type.Array(Type.Unsafe<V1NetworkPolicyPeer>(Type.Object({})), { default: [], description });

/** `PodDefaults`, as a file has them. */
const Pods = Type.Object(
  {
    pullPolicy: Type.Enum(['Always', 'IfNotPresent', 'Never'], {
      default: 'IfNotPresent',
      description: 'When the kubelet pulls an image.',
    }),
    pullSecrets: Type.Array(Type.String(), {
      default: [],
      description: "Secrets for the registry, by name, in each cluster's namespace.",
    }),
    anyAddress: Type.Enum(['0.0.0.0', '::'], {
      default: '0.0.0.0',
      description: 'Every address of a pod; `::` where pods have IPv6.',
    }),
    logLevel: Type.String({ default: 'info', description: 'Least important log line of the pods.' }),
    operatorPeers: Peers('The operator, as the network policies of its pods let it in.'),
    scraperPeers: Peers('Who collects metrics, as the network policies let it in.'),
  },
  { ...closed, default: {}, description: 'What all pods have in common.' },
);

const Members = Type.Object(
  {
    replaceLostAfterSeconds: Type.Integer({
      minimum: 1,
      default: 600,
      description: 'A member whose node is gone for so long is made anew elsewhere.',
    }),
    upgrade: Type.Enum(['OnRestart', 'Rolling'], {
      default: 'OnRestart',
      description:
        'When running members take what a new version of the operator brings (its agent, its default image of the database): when they are made anew anyhow, or at once, one by one.',
    }),
  },
  { ...closed, default: {}, description: 'The database servers.' },
);

const Keys = Type.Object(
  {
    rotationGraceSeconds: Type.Integer({
      minimum: 0,
      default: 120,
      description:
        'How long a new public key has to reach all pods before its key signs, and a new password before the database gets it.',
    }),
  },
  { ...closed, default: {}, description: 'The keys that sign what the operator says, and the passwords of databases.' },
);

/** Configuration of the operator on Kubernetes: `operator --config FILE --set identity=$(POD_NAME)`. */
export const OperatorConfiguration = Type.Object(
  {
    identity: Type.String({ minLength: 1, maxLength: 253, description: 'Name of the pod: who leads, by the Lease.' }),
    watchNamespaces: Type.Array(Label('Name of a namespace.'), {
      default: [],
      description: 'Where clusters are looked after; everywhere where the list is empty.',
    }),
    apiServer: ApiServer,
    lease: Lease,
    listen: Listen,
    images: Images,
    imapd: Imapd,
    pods: Pods,
    members: Members,
    keys: Keys,
    tuning: Type.Unsafe<Partial<Tuning>>(
      Type.Object({}, { default: {}, description: 'Other budgets and periods than the built-in ones, for tests.' }),
    ),
    crashPoint: Type.Union([Type.String(), Type.Null()], {
      default: null,
      description:
        'Where the process ends itself, for tests: `STEP:before`, `STEP:after-effect`, `STEP:after-persist`.',
    }),
    crashSignal: Type.Union(
      crashSignals.map((signal) => Type.Literal(signal)),
      { default: 'SIGKILL', description: 'By which signal it does; by SIGSTOP it hangs there once, until SIGCONT.' },
    ),
    logLevel: Type.String({ default: 'info', description: 'Least important log line.' }),
  },
  closed,
);
export type OperatorConfiguration = Static<typeof OperatorConfiguration>;
