import { DNS_IMAGE } from '../images/own-images.ts';
import { layout } from '../layout.ts';

/**
 * Nothing is forwarded: the cluster has no way out, and a name that is none of its own does not exist, at once. The port is
 * one that needs no privilege; the Service makes it 53. Two blocks, because `template` would be asked before `kubernetes`.
 */
const COREFILE = `${layout.domain}:1053 in-addr.arpa:1053 ip6.arpa:1053 {
  errors
  health :8080
  ready :8181
  kubernetes ${layout.domain} in-addr.arpa ip6.arpa {
    pods insecure
    ttl 5
  }
}
.:1053 {
  errors
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`;

const name = 'coredns';
const namespace = 'kube-system';
const labels = { 'k8s-app': 'kube-dns' };
const metadata = { name, namespace, labels };
/** One pod a node as far as there are nodes: names resolve while a node is lost. */
const MOST_REPLICAS = 2;

/** The cluster's name server, as every cluster has it: a Deployment, so that the tests' faults can hit it too. */
export function corednsObjects(nodes: number): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns', labels },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:coredns', labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } },
    service(),
    deployment(Math.min(nodes, MOST_REPLICAS)),
  ];
}

function service(): object {
  const port = (portName: string, protocol: string) => ({ name: portName, protocol, port: 53, targetPort: 1053 });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace, labels },
    spec: { clusterIP: layout.dnsService, selector: labels, ports: [port('dns', 'UDP'), port('dns-tcp', 'TCP')] },
  };
}

function deployment(replicas: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec() },
    },
  };
}

function podSpec(): object {
  return {
    serviceAccountName: name,
    priorityClassName: 'system-cluster-critical',
    dnsPolicy: 'Default',
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labels },
      },
    ],
    containers: [
      {
        name,
        image: DNS_IMAGE,
        imagePullPolicy: 'Never',
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { name: 'dns', containerPort: 1053, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 1053, protocol: 'TCP' },
        ],
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 30 },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name } }],
  };
}
