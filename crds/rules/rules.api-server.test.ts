import { afterAll, beforeAll, expect, test } from 'vitest';
import { kinds } from '../kind.ts';
import { type ApiServerWithCrds, startApiServerWithCrds } from '../test-support/api-server-with-crds.ts';
import { manifestOf } from '../test-support/manifest.ts';
import { type Patch, type RuleExamples, ruleExamples } from '../test-support/rule-examples.ts';

/** The rules in CEL, as a real API server judges the examples that `rules.test.ts` judges by the predicates. */
type Status = { readonly message: string; readonly details?: { readonly causes?: readonly { message: string }[] } };

let server: ApiServerWithCrds | undefined;
beforeAll(async () => {
  server = await startApiServerWithCrds();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const pathOf = (kind: RuleExamples['kind'], namespace: string): string =>
  `/apis/imapcluster.io/v1alpha1/namespaces/${namespace}/${kinds.find((known) => known.kind === kind)!.plural}`;

/** What the API server has against a manifest; nothing is stored. With `before`, the manifest takes its place. */
async function judge({ kind, before }: RuleExamples, patch: Patch): Promise<readonly string[]> {
  const manifest = manifestOf(kind, patch);
  const question = '?dryRun=All&fieldValidation=Strict';
  const collection = pathOf(kind, 'default');
  const { status, body } =
    before === undefined
      ? await server!.ask(collection + question, { method: 'POST', body: manifest })
      : await server!.ask(`${collection}/${manifest.metadata.name}${question}`, {
          method: 'PATCH',
          // null takes away what `before` has and the manifest has not; a merge would keep it.
          body: { ...manifest, spec: withNulls(manifestOf(kind, before).spec, manifest.spec) },
          contentType: 'application/merge-patch+json',
        });
  if (status < 300) return [];
  const { message, details } = body as Status;
  return details?.causes?.map((cause) => cause.message) ?? [message];
}

function withNulls(before: object, after: object): object {
  const gone = Object.keys(before).filter((key) => !(key in after));
  const kept = Object.entries(after).map(([key, value]) => {
    const old = (before as Record<string, unknown>)[key];
    return [key, isObject(old) && isObject(value) ? withNulls(old, value) : value];
  });
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...Object.fromEntries(kept) };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

test.each(ruleExamples)('$kind: $says', async (examples) => {
  const { kind, before, accepted, refused, says } = examples;
  if (before !== undefined) {
    const { status, body } = await server!.ask(pathOf(kind, 'default'), {
      method: 'POST',
      body: manifestOf(kind, before),
    });
    expect([status, body]).toEqual([201, expect.anything()]);
  }
  for (const patch of accepted) expect([patch, await judge(examples, patch)]).toEqual([patch, []]);
  for (const patch of refused) {
    expect([patch, await judge(examples, patch)]).toEqual([patch, [expect.stringContaining(says)]]);
  }
  if (before !== undefined) await server!.ask(`${pathOf(kind, 'default')}/example`, { method: 'DELETE' });
});
