import { Type } from 'typebox';
import { choice, count, flag, group, listAsKubernetes, text, textMap } from './fields.ts';

const DURATION = '^([0-9]+(ms|[smhdwy]))*$';

const scrape = {
  enabled: flag(false, 'Needs the CRDs of the Prometheus operator.'),
  labels: textMap('Further labels, by which a Prometheus selects it.'),
  interval: text('Between two scrapes; empty for the default of the Prometheus.', { pattern: DURATION }),
};

/** Who watches: off by default, for what it needs may not be there. */
export const metricsValues = group(
  {
    serviceMonitor: group({ ...scrape }, 'Scrapes the operator, by its Service.'),
    podMonitor: group(
      { ...scrape },
      'Scrapes the agents of managed databases in the watched namespaces. imapd needs none: the operator makes a PodMonitor with each cluster where their kind is known.',
    ),
    prometheusRule: group(
      {
        enabled: flag(false, 'Needs the CRDs of the Prometheus operator.'),
        labels: textMap('Further labels, by which a Prometheus selects it.'),
        runbookUrl: text(
          'Where docs/runbooks can be read, without a slash at the end. Alerts then carry `runbook_url`; they name the page in any case.',
        ),
      },
      'Alerts, each with a runbook.',
    ),
    dashboards: group(
      {
        enabled: flag(false, 'A ConfigMap with a dashboard, as the sidecar of Grafana looks for it.'),
        labels: textMap('By which it is found.', { grafana_dashboard: '1' }),
        annotations: textMap('Such as the folder to put it in.'),
      },
      'For Grafana.',
    ),
  },
  'Metrics are served in any case: docs/reference/metrics.md.',
);

export const networkValues = {
  service: group(
    { annotations: textMap('Of the Service.'), labels: textMap('Further labels of the Service.') },
    'Service in front of the operator: metrics, health and the control API on port 8080. ClusterIP; not for the world.',
  ),
  networkPolicy: group(
    {
      enabled: flag(true, "Whether the operator's pods have one."),
      scrapers: listAsKubernetes(
        'Who collects metrics: NetworkPolicyPeers, such as `namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}`. They may reach the operator, imapd and agents. Empty: nobody.',
      ),
      clients: listAsKubernetes(
        'Who else may connect to the operator. `kubectl imap` needs no entry: it comes through the kubelet.',
      ),
    },
    'Who may connect to the operator. Clusters have NetworkPolicies of their own, made by the operator.',
  ),
} as const;

/** A login over IMAP as `helm test`. */
export const loginTestValues = group(
  {
    credentialsSecretName: text(
      "Secret in the release's namespace with the keys `username` and `password` of a user. Empty: there is no test.",
    ),
    host: text('Where to connect: the Service of an ImapCluster, such as `mail-imap.mail.svc`.'),
    port: Type.Integer({
      ...{ default: 0, minimum: 0, maximum: 65_535 },
      description: '0: 993 for `tls`, else 143.',
    }),
    security: choice(
      ['tls', 'starttls', 'none'],
      'tls',
      'TLS from the start, STARTTLS, or neither; imapd takes no password without TLS.',
    ),
    serverName: text('Name in the certificate, where it is not `host`.'),
    verifyCertificate: flag(true, 'Whether the certificate has to be trusted and for that name.'),
    caSecretName: text("Secret in the release's namespace whose `ca.crt` signed it; empty for public authorities."),
    mailbox: text('Mailbox that is opened, read-only.', { default: 'INBOX' }),
    timeoutSeconds: count('After which it has failed.', { default: 30, minimum: 1 }),
  },
  '`helm test`: signs in over IMAP and opens a mailbox.',
);
