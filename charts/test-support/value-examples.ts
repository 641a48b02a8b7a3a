/** Values that are rendered, compared with a golden file each (charts/goldens/NAME.yaml) and shown to an API server. */
export type ValueExample = {
  readonly name: string;
  /** What it is there for. */
  readonly shows: string;
  readonly values: object;
};

const withoutCrds = { crds: { enabled: false } };
const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } };

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const everything = {
  ...withoutCrds,
  fullnameOverride: 'post-operator',
  commonLabels: { team: 'post' },
  commonAnnotations: { 'example.org/contact': 'post@example.org' },
  images: {
    registry: 'registry.example.org/imapcluster/',
    tag: '1.2.3',
    pullPolicy: 'Always',
    pullSecrets: ['registry'],
    operator: { repository: 'the-operator', tag: 'left-out', digest: DIGEST },
    imapd: { repository: 'the-imapd', tag: 'left-out', digest: DIGEST },
    member: { repository: 'the-agent', tag: '1.2.4' },
    postgres: { image: 'registry.example.org/postgres:17.6', majorVersion: 17 },
    mariadb: { image: 'registry.example.org/mariadb:10.11', majorVersion: 10 },
    mysql: { image: `registry.example.org/mysql@${DIGEST}`, majorVersion: 8 },
  },
  logLevel: 'debug',
  leaderElection: { durationSeconds: 15, renewDeadlineMs: 10_000, intervalMs: 2_000 },
  imapd: { resources: { limits: { memory: '2Gi' } } },
  members: { replaceLostAfterSeconds: 60, upgrade: 'Rolling' },
  keys: { rotationGraceSeconds: 30 },
  apiServer: { maxRequests: 64 },
  listenAddress: '::',
  tuning: { restartBudgetMs: 20_000 },
  replicaCount: 3,
  priorityClassName: 'system-cluster-critical',
  nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }],
      },
    },
  },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } },
  ],
  podDisruptionBudget: { maxUnavailable: '50%' },
  podSecurityContext: { runAsUser: 1_000 },
  securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } },
  deploymentStrategy: { rollingUpdate: { maxUnavailable: 1 } },
  revisionHistoryLimit: 1,
  terminationGracePeriodSeconds: 60,
  deploymentLabels: { a: 'deployment' },
  deploymentAnnotations: { b: 'deployment' },
  podLabels: { a: 'pod' },
  podAnnotations: { b: 'pod' },
  extraArgs: ['--set', 'logLevel=trace'],
  extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.crt' }],
  extraEnvFrom: [{ secretRef: { name: 'more' } }],
  extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
  extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ca', readOnly: true }],
  extraInitContainers: [{ name: 'first', image: 'busybox:1', securityContext: restricted() }],
  extraContainers: [{ name: 'beside', image: 'busybox:1', securityContext: restricted() }],
  dnsPolicy: 'None',
  dnsConfig: { nameservers: ['10.96.0.10'] },
  serviceAccount: { name: 'post', annotations: { 'example.org/role': 'post' } },
  rbac: { clients: [{ kind: 'Group', name: 'postmasters', apiGroup: 'rbac.authorization.k8s.io' }] },
  service: { annotations: { 'example.org/a': 'b' }, labels: { c: 'd' } },
  networkPolicy: { scrapers: [monitoring], clients: [{ podSelector: { matchLabels: { app: 'portal' } } }] },
  metrics: {
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, interval: '15s' },
    podMonitor: { enabled: true, labels: { release: 'prometheus' }, interval: '30s' },
    prometheusRule: {
      enabled: true,
      labels: { release: 'prometheus' },
      runbookUrl: 'https://docs.example.org/runbooks',
    },
    dashboards: { enabled: true, labels: { dashboards: 'mail' }, annotations: { folder: 'mail' } },
  },
  loginTest: {
    ...{ credentialsSecretName: 'probe', host: 'mail-imap.mail.svc', security: 'starttls' },
    ...{ serverName: 'imap.example.org', caSecretName: 'mail-ca', verifyCertificate: false },
    ...{ port: 1143, mailbox: 'Archive', timeoutSeconds: 5 },
  },
  extraObjects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-extra' }, data: { a: 'b' } },
  ],
};

function restricted(): object {
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
}

export const valueExamples: readonly ValueExample[] = [
  { name: 'default', shows: 'what is installed where nobody says anything', values: withoutCrds },
  {
    name: 'namespaced',
    shows: 'two namespaces and no rights anywhere else; a login test with its defaults',
    values: {
      ...withoutCrds,
      watchNamespaces: ['mail', 'post'],
      rbac: { nodes: false },
      loginTest: { credentialsSecretName: 'probe', host: 'mail-imap.mail.svc' },
    },
  },
  { name: 'everything', shows: 'every value changed that can be', values: everything },
  {
    name: 'least',
    shows: 'everything switched off or brought along by somebody else',
    values: {
      ...withoutCrds,
      replicaCount: 1,
      images: { registry: '', member: { digest: DIGEST } },
      podDisruptionBudget: { enabled: false },
      serviceAccount: { create: false, name: 'made-by-somebody-else' },
      rbac: { create: false },
      networkPolicy: { enabled: false },
      topologySpreadConstraints: [],
      resources: null,
      imapd: { resources: null },
    },
  },
];
