import { decodeProtectedHeader } from 'jose';
import { Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';
import { clusterName, partitionName } from '#contract/names.ts';
import { generateSigningKey } from '#contract/signature.ts';
import { pause } from '#runtime/deadline.ts';
import { createLogger } from '#runtime/logger.ts';
import { AgentDirectory } from '../../../members/agent-directory.ts';
import { SqlDirectory } from '../../../members/by-sql/sql-directory.ts';
import { RoutedMembers } from '../../../members/routed-members.ts';
import type { ClusterSpec } from '../../../partition/partition-spec.ts';
import { MemoryStores } from '../../../test-support/memory-stores.ts';
import { type CorePorts, KeptCore } from './kept-core.ts';

// Promise: once a key has been replaced no document is left that the old one has signed, whatever the core was at.

const [first, second] = [await generateSigningKey('first'), await generateSigningKey('second')];
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) => pause(ms, signal),
};
const log = createLogger({ program: 'test', level: 'silent', pretty: false });
const spec: ClusterSpec = {
  cluster: clusterName('mail'),
  placement: { slots: [], users: {}, namespaces: {} },
  partitions: [],
};
const changed: ClusterSpec = {
  ...spec,
  placement: { ...spec.placement, users: { 'a@example.org': partitionName('users-a') } },
};

/** A core without partitions, whose writes of the routing document wait for `release` while `isHeld`. */
class Scene implements AsyncDisposable {
  key = first;
  isHeld = false;
  held = 0;
  readonly #stores = new MemoryStores();
  #released = Promise.withResolvers<void>();
  readonly core = new KeptCore({
    ports: () => this.#ports(),
    configuration: { tuning: {}, crashPoint: null, crashSignal: 'SIGKILL' },
    clock,
    random: () => 0.5,
    log,
    onChange: () => undefined,
  });

  release(): void {
    this.isHeld = false;
    this.#released.resolve();
  }

  /** Name of the key that has signed what is published; null: nothing is. */
  async signer(): Promise<string | null> {
    const routing = await this.#stores.routing.load();
    return routing === null ? null : (decodeProtectedHeader(routing.signed).kid ?? null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await this.core.stop();
  }

  #ports(): CorePorts {
    const keys = { signing: async () => this.key.privateJwk };
    const { cluster } = spec;
    const agents = new AgentDirectory({ cluster, token: 'token', keys, clock, silenceMs: 3_000 });
    const credentials = () => Promise.reject(new Error('there are no servers'));
    const members = new RoutedMembers(
      agents,
      new SqlDirectory({ cluster, clock, random: () => 0.5, credentials, log }),
    );
    const ports = {
      members,
      records: this.#stores.records,
      routing: { load: () => this.#stores.routing.load(), save: this.#save },
      pods: { list: async () => [] },
      podApi: {
        push: () => Promise.reject(new Error('there is no pod')),
        heartbeat: () => Promise.reject(new Error('there is no pod')),
        peers: async () => true,
      },
      jobs: { run: () => Promise.reject(new Error('there is no job')) },
      events: { emit: () => undefined },
      clock,
      keys,
      log,
      metrics: new Registry(),
    };
    return { members, ports };
  }

  readonly #save: CorePorts['ports']['routing']['save'] = async (routing) => {
    if (this.isHeld) {
      this.held += 1;
      await this.#released.promise;
    }
    await this.#stores.routing.save(routing);
  };
}

const within = { timeout: 5_000, interval: 10 };

test('a key that is replaced while the core starts signs what was published then', async () => {
  await using scene = new Scene();
  scene.isHeld = true;
  scene.core.apply(spec);
  await vi.waitFor(() => expect(scene.held).toBe(1), within);
  scene.key = second;
  scene.core.renew();
  scene.release();
  await vi.waitFor(async () => expect(await scene.signer()).toBe('second'), within);
});

test('a key that is replaced while another spec is applied signs what was published then', async () => {
  await using scene = new Scene();
  scene.core.apply(spec);
  await vi.waitFor(() => expect(scene.core.operator).not.toBeNull(), within);
  expect(await scene.signer()).toBe('first');
  scene.isHeld = true;
  scene.core.apply(changed);
  await vi.waitFor(() => expect(scene.held).toBe(1), within);
  scene.key = second;
  scene.core.renew();
  scene.release();
  await vi.waitFor(async () => expect(await scene.signer()).toBe('second'), within);
});

test('a key that is replaced while nothing is done signs at once', async () => {
  await using scene = new Scene();
  scene.core.apply(spec);
  await vi.waitFor(() => expect(scene.core.operator).not.toBeNull(), within);
  scene.key = second;
  scene.core.renew();
  await vi.waitFor(async () => expect(await scene.signer()).toBe('second'), within);
});
