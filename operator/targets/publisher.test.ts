import { expect, test } from 'vitest';
import { memberName, partitionName } from '#contract/names.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';
import { generateSigningKey } from '#contract/signature.ts';
import { signedBy } from '#contract/signed-by.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import type { PushOutcome } from '../ports.ts';
import { MemoryStores } from '../test-support/memory-stores.ts';
import { SIMULATED, SimulatedCluster } from '../test-support/simulated-cluster.ts';
import { defaultTuning } from '../tuning.ts';
import { newPodState } from './pod-state.ts';
import { Publisher } from './publisher.ts';

const { spec } = new SimulatedCluster();
const keys = { current: await generateSigningKey('test') };
const target = { epoch: 1, writer: memberName('a0'), readers: [] };

/** A publisher towards one process that answers as `respond` says; what was durable when, and what was pushed. */
function publishing(respond: (document: RoutingDocument) => PushOutcome) {
  const order: string[] = [];
  const stores = new MemoryStores();
  const pods = new Map([['imapd-0', newPodState({ name: 'imapd-0', adminUrl: 'http://imapd-0' })]]);
  const publisher = new Publisher(spec, {
    tuning: defaultTuning,
    pods,
    onApplied: () => order.push('applied'),
    signal: new AbortController().signal,
    ports: {
      keys: { signing: async () => keys.current.privateJwk },
      clock: {
        now: () => Date.now(),
        monotonic: () => performance.now(),
        sleep: (ms, signal) => pause(ms / 50, signal),
      },
      log: createLogger({ program: 'test', level: 'silent', pretty: false }),
      routing: {
        load: () => stores.routing.load(),
        save: async (routing) => {
          order.push(`saved ${routing.document.version}`);
          await stores.routing.save(routing);
        },
      },
      podApi: {
        push: async (_, signed) => {
          const document: RoutingDocument = JSON.parse(
            Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString('utf8'),
          );
          order.push(`pushed ${document.version}`);
          return respond(document);
        },
        heartbeat: async () => ({ ok: false, message: '' }),
        peers: async () => true,
      },
    },
  });
  publisher.note(SIMULATED, target);
  return { publisher, order, stores };
}

const applied = ({ version }: RoutingDocument): PushOutcome => ({
  kind: 'applied',
  ack: { pod: 'imapd-0', applied: version, epochs: {} },
});

test('durable before anybody hears of it; the same content is not published twice', async () => {
  const { publisher, order } = publishing(applied);
  const version = await publisher.publish();
  expect(await publisher.converged(version, 1_000)).toBe(true);
  expect(await publisher.publish()).toBe(version);
  expect(order).toEqual(['saved 1', 'pushed 1', 'applied']);
});

test('a process that does not answer is asked again, and counts as lagging meanwhile', async () => {
  let calls = 0;
  const { publisher } = publishing((document) => {
    calls += 1;
    return calls < 4 ? { kind: 'unreachable', failure: 'timeout', message: '' } : applied(document);
  });
  const version = await publisher.publish();
  expect(publisher.lagging(version)).toEqual(['imapd-0']);
  expect(await publisher.converged(version, 5_000)).toBe(true);
  expect(calls).toBe(4);
});

test('a process that knows a higher version is overtaken: the durable document was lost', async () => {
  const { publisher } = publishing((document) =>
    document.version <= 41 ? { kind: 'stale', current: 41, epochs: {} } : applied(document),
  );
  await publisher.publish();
  expect(await publisher.converged(42, 5_000)).toBe(true);
  expect(publisher.version).toBe(42);
});

test('only the newest version is pushed', async () => {
  const { publisher, order } = publishing(applied);
  await publisher.publish();
  publisher.note(SIMULATED, { ...target, epoch: 2, writer: null });
  const version = await publisher.publish();
  await publisher.converged(version, 1_000);
  expect(order.filter((line) => line.startsWith('pushed')).at(-1)).toBe('pushed 2');
});

test('what a replaced key has signed is signed anew, though it says the same', async () => {
  const { publisher, stores } = publishing(applied);
  expect(await publisher.publish()).toBe(1);
  expect(await publisher.publish()).toBe(1);
  keys.current = await generateSigningKey('next');
  expect(await publisher.publish()).toBe(2);
  const stored = await stores.routing.load();
  expect(signedBy(stored?.signed ?? '', keys.current.privateJwk)).toBe(true);
  expect(await publisher.publish()).toBe(2);
});

test('of a partition that nobody knows about now the document goes on saying what it said', async () => {
  const { publisher, stores } = publishing(applied);
  await publisher.publish();
  const before = (await stores.routing.load())?.document.partitions;
  expect(Object.keys(before ?? {})).toEqual([SIMULATED]);
  publisher.note(SIMULATED, null);
  publisher.apply({ ...spec, partitions: [], unknown: [SIMULATED, partitionName('never-served')] });
  await publisher.publish();
  expect((await stores.routing.load())?.document.partitions).toEqual(before);
  publisher.apply({ ...spec, partitions: [] });
  await publisher.publish();
  expect((await stores.routing.load())?.document.partitions).toEqual({});
});
