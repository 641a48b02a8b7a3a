import { expect, test } from 'vitest';
import { roles } from '#database/roles.ts';
import { documentedPages } from './documented-pages.ts';
import { metricsPage } from './metrics-page.ts';

// Promise: a metric that a page names is one that a program shows.

/** What Prometheus makes of a histogram. */
const SERIES = /_(?:count|bucket|sum)$/;
const NAME = /\b(?:imapd|imapcluster)_[a-z]+(?:_[a-z]+)*\b(?!\*)/g;

test('metrics that pages name', () => {
  const shown = new Set(metricsPage().match(NAME));
  const others: readonly string[] = Object.values(roles);
  const named = documentedPages().flatMap(({ path, text }) =>
    [...(text.match(NAME) ?? [])].map((name) => ({ path, name })),
  );
  const metrics = named.filter(({ name }) => !others.includes(name));
  expect(metrics.length).toBeGreaterThan(80);
  expect(metrics.filter(({ name }) => !shown.has(name) && !shown.has(name.replace(SERIES, '')))).toEqual([]);
});
