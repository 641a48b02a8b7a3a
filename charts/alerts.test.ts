import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

/** Promise: alerts and dashboards ask for metrics that exist, and alerts name runbooks that do. */
const root = join(import.meta.dirname, '..');
const chart = join(import.meta.dirname, 'imapcluster');

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};
type Metric = { readonly type: string; readonly labels: readonly string[] };

const { groups } = parse(await readFile(join(chart, 'files/alerts.yaml'), 'utf8')) as {
  groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const dashboard = await readFile(join(chart, 'files/dashboards/imapcluster.json'), 'utf8');
const queries = [...JSON.stringify(JSON.parse(dashboard)).matchAll(/"expr":"((?:[^"\\]|\\.)*)"/g)].map(
  ([, expr = '']) => JSON.parse(`"${expr}"`) as string,
);
const metrics = await documentedMetrics();

async function documentedMetrics(): Promise<ReadonlyMap<string, Metric>> {
  const page = await readFile(join(root, 'docs/reference/metrics.md'), 'utf8');
  const rows = page.matchAll(/^\| `(?<name>\w+)` \| (?<type>\w+) \| (?<labels>[^|]*) \|/gm);
  return new Map(
    [...rows].map(({ groups: { name = '', type = '', labels = '' } = {} }) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  );
}

/** The page says once, for all of them, what those of the agents have. */
const MEMBERS = /^imapcluster_member_/;
/** What a scrape adds, and `le` of histograms. */
const ADDED = ['namespace', 'pod', 'le'];

test('the page of metrics was understood', () => {
  expect(metrics.get('imapd_holds')).toEqual({ type: 'gauge', labels: ['partition'] });
  expect(queries.length).toBeGreaterThan(5);
});

test.each([...rules.map(({ alert, expr }) => [alert, expr] as const), ...queries.map((expr) => [expr, expr] as const)])(
  '%s',
  (_, expr) => {
    const found = [...expr.matchAll(/\b(?:imapd|imapcluster)_\w+/g)].map(([name]) => metricOf(name));
    expect(found.length).toBeGreaterThan(0);
    const known = new Set([...ADDED, ...found.flatMap(({ labels }) => labels)]);
    for (const label of labelsIn(expr)) expect(known).toContain(label);
  },
);

function metricOf(name: string): Metric {
  const histogram = metrics.get(name.replace(/_(bucket|count|sum)$/, ''));
  const found = histogram?.type === 'histogram' ? histogram : metrics.get(name);
  if (found === undefined) throw new Error(`there is no metric ${name}`);
  return MEMBERS.test(name) ? { ...found, labels: [...found.labels, 'partition', 'member'] } : found;
}

function labelsIn(expr: string): readonly string[] {
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim()),
  );
  const matched = [...expr.matchAll(/[{,]\s*(\w+)\s*(?:=~?|!=|!~)/g)].map(([, name = '']) => name);
  return [...grouped, ...matched];
}

test.each(rules)(
  '$alert has a severity, says what and what then, and names a runbook',
  async ({ labels, annotations }) => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(Object.keys(annotations).toSorted()).toEqual(['description', 'runbook', 'summary']);
    await access(join(root, `docs/runbooks/${annotations.runbook}.md`));
  },
);
