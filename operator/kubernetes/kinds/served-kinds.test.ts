import { expect, test } from 'vitest';
import { rootSchema } from '#crds/generation/root-schema.ts';
import { GROUP } from '#crds/group.ts';
import { kinds } from '#crds/kind.ts';
import { createLogger } from '#runtime/logger.ts';
import type { SchemaNode } from './schema-node.ts';
import { ServedKinds } from './served-kinds.ts';

const log = createLogger({ program: 'operator', level: 'silent', pretty: false });

/** What an API server publishes of our kinds; `change`: of other definitions than ours. */
function published(change: (schema: SchemaNode) => SchemaNode = (schema) => schema) {
  const schemas = kinds.map((kind) => [
    kind.kind,
    {
      ...change(rootSchema(kind) as SchemaNode),
      'x-kubernetes-group-version-kind': [{ group: GROUP, kind: kind.kind }],
    },
  ]);
  return { components: { schemas: Object.fromEntries(schemas) } };
}
const older = published(({ properties = {} }) => ({ properties: { ...properties, status: {} } }));

function scene() {
  const state = { now: 0, asked: 0, answer: async (): Promise<object> => published() };
  const openApi = async () => {
    state.asked += 1;
    return (await state.answer()) as never;
  };
  return { state, served: new ServedKinds({ client: { openApi }, clock: { monotonic: () => state.now }, log }) };
}

test('definitions that are as ours are looked at again after minutes', async () => {
  const { state, served } = scene();
  expect(await served.problem()).toBeNull();
  state.answer = async () => older;
  state.now += 60_000;
  expect(await served.problem()).toBeNull();
  state.now += 5 * 60_000;
  expect(await served.problem()).toContain('status');
  expect(state.asked).toBe(2);
});

test('a look that failed says nothing, and is made again soon, but not at once', async () => {
  const { state, served } = scene();
  state.answer = () => Promise.reject(new Error('away'));
  expect(await served.problem()).toBeNull();
  state.answer = async () => older;
  state.now += 1_000;
  expect(await served.problem()).toBeNull();
  state.now += 15_000;
  expect(await served.problem()).toContain('status');
  expect(state.asked).toBe(2);
});

test('what was lacking goes on to be lacking while nobody can look', async () => {
  const { state, served } = scene();
  state.answer = async () => older;
  const before = await served.problem();
  state.answer = () => Promise.reject(new Error('away'));
  state.now += 15_000;
  expect(await served.problem()).toBe(before);
  state.answer = async () => published();
  state.now += 15_000;
  expect(await served.problem()).toBeNull();
});
