import { type Metric, Registry } from 'prom-client';
import { type MetricEntry, metricTable } from '#imapd/metrics/metric-table.ts';
import { MemberMetrics } from '#member/metrics.ts';
import { ControllerMetrics } from '#operator/kubernetes/controllers/process/controller-metrics.ts';
import { OperatorMetrics } from '#operator/metrics.ts';
import { SCRAPE_TARGETS_FILE } from '#standalone/scrape-targets.ts';
import { supervisorMetrics } from '#standalone/supervisor-metrics.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

const HEAD = ['metric', 'type', 'labels', 'meaning'];

const SOURCES = [
  'imapd/metrics/metric-table.ts',
  'operator/metrics.ts',
  'operator/kubernetes/controllers/process/controller-metrics.ts',
  'member/metrics.ts',
  'standalone/supervisor-metrics.ts',
];

/** docs/reference/metrics.md */
export function metricsPage(): string {
  return `${generatedFrom(SOURCES)}
# Metrics

In the text format of Prometheus, at \`/metrics\`, with \`/healthz\` and \`/readyz\` on the same port. Durations are seconds, sizes octets; no
label is a user or a mailbox. Every process also shows prom-client's default metrics (\`process_*\`, \`nodejs_*\`; event-loop lag is
\`nodejs_eventloop_lag_seconds\`).

| process | port in \`ports.json\` | ready when |
|---|---|---|
| imapd | \`imapd-0 admin\` | it has a routing document and takes clients; stays so while commands are held |
| operator | \`operator\` | the records are loaded |
| member agent | \`MEMBER agent\` | its database server runs, fenced or not |
| supervisor (standalone) | \`supervisor\` | every partition has a writer that every imapd obeys |

\`/healthz\` answers for as long as the process does. Standalone keeps these ports on the loopback address, and writes all of them to
\`${SCRAPE_TARGETS_FILE}\` in the state folder, as Prometheus reads it:

\`\`\`yaml
scrape_configs:
  - job_name: imapcluster
    file_sd_configs: [{files: [/srv/mail/${SCRAPE_TARGETS_FILE}]}]
\`\`\`

On Kubernetes the port is 8080, called \`admin\`, in every pod of ours. ServiceMonitor, PodMonitor, alerts and a dashboard are switches of the chart
([install.md](../guides/install.md)); the operator itself makes a PodMonitor for the imapd pods of each cluster where that kind is known.

In standalone the labels \`cluster\`, \`program\` (imapd, operator, member, supervisor) and \`instance\` (\`imapd-0\`, \`users-a-1\` …) come from that file.

## imapd

${markdownTable(HEAD, Object.entries(metricTable).map(imapdRow))}

## operator

On Kubernetes each of these has also the labels \`namespace\` and \`cluster\`, and only the leader shows them.

${registered((registry) => void new OperatorMetrics(registry, () => [], nothing))}

## operator on Kubernetes

${registered((registry) => void new ControllerMetrics(registry))}

## member agent

Each with the labels \`partition\` and \`member\`. What is not known is absent.

${registered((registry) => void new MemberMetrics(registry, neverAsked))}

## supervisor

${registered((registry) => supervisorMetrics(registry, () => []))}
`;
}

const nothing = (): number => 0;
const neverAsked = (): never => {
  throw new Error('no metric is read here');
};

const labelsOf = (labels: readonly string[]): string => labels.map(code).join(', ');

const imapdRow = ([name, { kind, labels, help }]: [string, MetricEntry]): readonly string[] => [
  code(name),
  kind,
  labelsOf(labels),
  help,
];

/** prom-client's objects carry this, its types do not say so. */
type Described = Metric & {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
};

/** Programs that register their metrics in code: an empty registry that they are put into is their table. */
function registered(register: (registry: Registry) => void): string {
  const registry = new Registry();
  register(registry);
  return markdownTable(HEAD, (registry.getMetricsAsArray() as unknown as readonly Described[]).map(registeredRow));
}

const registeredRow = (metric: Described): readonly string[] => [
  code(metric.name),
  metric.constructor.name.toLowerCase(),
  labelsOf(metric.labelNames),
  metric.help,
];
