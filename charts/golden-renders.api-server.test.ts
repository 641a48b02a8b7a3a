import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Helm } from './test-support/helm.ts';
import { valueExamples } from './test-support/value-examples.ts';

/**
 * Promise: the chart renders as the committed files show, so that a change of a template is seen for all its effects in a
 * review. `npx vitest run --project api-server charts/golden-renders --update` writes them anew.
 *
 * The same goes for deploy/operator.yaml, the base for `kubectl apply -k`: written from the chart, and by this test, since
 * `npm run generate` has to do without helm.
 */
let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
afterAll(() => helm?.[Symbol.asyncDispose]());

test.each(valueExamples)('$name: $shows', async ({ name, values }) => {
  await expect(await helm.template(values)).toMatchFileSnapshot(join(import.meta.dirname, `goldens/${name}.yaml`));
});

test('deploy/operator.yaml is the chart with its defaults, without a trace of helm', async () => {
  const rendered = await helm.template({ crds: { enabled: false } });
  const traces = /^ *(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): .*\n/gm;
  const text = rendered.replaceAll(traces, '').replaceAll(/^# Source: .*\n/gm, '');
  const head = '# Written by charts/golden-renders.api-server.test.ts. Do not edit.\n';
  await expect(head + text).toMatchFileSnapshot(join(import.meta.dirname, '../deploy/operator.yaml'));
});
