import { type Metric, Registry } from 'prom-client';
import { type MetricEntry, metricTable } from '#imapd/metrics/metric-table.ts';
import { OperatorMetrics } from '#operator/metrics.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

const HEAD = ['metric', 'type', 'labels', 'meaning'];

/** docs/reference/metrics.md */
export function metricsPage(): string {
  return `${generatedFrom(['imapd/metrics/metric-table.ts', 'operator/metrics.ts'])}
# Metrics

In the text format of Prometheus, at \`/metrics\`. Durations are seconds, sizes octets; no label is a user or a mailbox. imapd and
operator also show prom-client's default metrics of the process (\`process_*\`, \`nodejs_*\`; event-loop lag is \`nodejs_eventloop_lag_seconds\`).

| process | where |
|---|---|
| imapd | its admin port, with \`/healthz\` and \`/readyz\` |
| operator | its own port, with \`/healthz\` and \`/readyz\` |
| agent, supervisor | none; what an agent knows of its server the operator shows |

Standalone keeps these ports on the loopback address; \`ports.json\` in the state folder names them (\`imapd-0 admin\`, \`operator\`).

## imapd

${markdownTable(HEAD, Object.entries(metricTable).map(imapdRow))}

## operator

${markdownTable(HEAD, operatorMetrics().map(operatorRow))}
`;
}

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

/** The operator registers its metrics in code; an empty registry that they are put into is their table. */
function operatorMetrics(): readonly Described[] {
  const registry = new Registry();
  const noLagging = (): number => 0;
  void new OperatorMetrics(registry, () => [], noLagging);
  return registry.getMetricsAsArray() as unknown as readonly Described[];
}

const operatorRow = (metric: Described): readonly string[] => [
  code(metric.name),
  metric.constructor.name.toLowerCase(),
  labelsOf(metric.labelNames),
  metric.help,
];
