import { randomBytes } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import { type FastifyInstance, fastify } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { pause } from '#runtime/deadline.ts';
import { healthRoutes } from '#runtime/health-routes.ts';
import type { Logger } from '#runtime/logger.ts';
import type { OperatorConfiguration } from '../../../configuration.ts';
import { registerControlApi } from '../../../control/control-api.ts';
import type { Clock } from '../../../ports.ts';
import { ApiClient } from '../../api/api-client.ts';
import { LeaderElection } from '../../lease/leader-election.ts';
import type { Leadership } from '../../lease/leadership.ts';
import { Caches } from '../caches/caches.ts';
import { Controllers } from '../controllers.ts';
import { ledLog } from '../runtime/led-log.ts';
import { ControllerMetrics } from './controller-metrics.ts';
import { mergedExposition } from './merged-exposition.ts';
import { MeteredConnection } from './metered-connection.ts';

export type OperatorProcessOptions = {
  readonly configuration: OperatorConfiguration;
  readonly kubeConfig: KubeConfig;
  readonly log: Logger;
  /** Leadership has ended, and what should have stopped with it has not: nothing but the end of the process helps. */
  readonly onStuck: () => void;
};

const USER_AGENT = 'imapcluster-operator';
/** Cores end within a moment; what waits for an API server that says nothing, within its deadline. */
const STOP_WITHIN_MS = 12_000;
const IDENTITY_OCTETS = 4;
/** The delay of the event loop is measured by a timer; with the usual 10 ms that was a fifth of what an idle operator did. */
const LOOP_SAMPLED_MS = 100;

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep: pause };

/**
 * The operator as a process, one of several candidates:
 *
 *   health, metrics, copies of all objects: from the start
 *   candidate ──lease──▶ leader: controllers and cores run ──lost──▶ everything stops ──▶ candidate
 *                                        └──told to stop──▶ everything stops, the lease is handed back ──▶ end
 */
export class OperatorProcess {
  readonly #options: OperatorProcessOptions;
  readonly #registry = new Registry();
  readonly #metrics: ControllerMetrics;
  /** For what must not wait in line: the lease, and the watches, which last. */
  readonly #connection: MeteredConnection;
  /** For the work of a leader. */
  readonly #work: MeteredConnection;
  readonly #caches: Caches;
  readonly #election: LeaderElection;
  #controllers: Controllers | null = null;

  constructor(options: OperatorProcessOptions) {
    const { configuration, kubeConfig, log } = options;
    this.#options = options;
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_SAMPLED_MS });
    this.#metrics = new ControllerMetrics(this.#registry);
    const wrote = (method: string, resource: string): void => this.#metrics.wrote(method, resource);
    this.#connection = new MeteredConnection(kubeConfig, USER_AGENT, { wrote, maxRequests: null });
    this.#work = new MeteredConnection(kubeConfig, USER_AGENT, { wrote, ...configuration.apiServer });
    const client = new ApiClient(this.#connection);
    const around = { client, clock, random: Math.random, log };
    this.#caches = new Caches({ ...around, watchNamespaces: configuration.watchNamespaces });
    const { namespace, name, ...timing } = configuration.lease;
    // What stands before the `_` is the pod, for people and for imapctl; what follows is this process and no other.
    const identity = `${configuration.identity}_${randomBytes(IDENTITY_OCTETS).toString('hex')}`;
    this.#election = new LeaderElection({ ...around, namespace, name, identity, timing });
  }

  /** Until the signal fires, and everything has stopped and been handed over. */
  async run(signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    const server = await this.#serve();
    const watching = this.#caches.run(end.signal);
    try {
      await this.#election.run((leadership) => this.#lead(leadership, signal), signal);
    } finally {
      end.abort();
      await watching;
      await server.close();
      this.#connection.close();
      this.#work.close();
    }
  }

  async #lead(leadership: Leadership, stop: AbortSignal): Promise<void> {
    const { configuration, log, onStuck } = this.#options;
    const client = new ApiClient(this.#work, leadership);
    const controllers = new Controllers(
      {
        client,
        right: leadership,
        caches: this.#caches,
        configuration,
        clock,
        random: Math.random,
        log: ledLog(log, leadership),
        metrics: this.#registry,
      },
      this.#metrics,
    );
    const patience = impatience(leadership.signal, onStuck);
    log.event('LeadershipBegan', { lease: `${configuration.lease.namespace}/${configuration.lease.name}` });
    this.#controllers = controllers;
    this.#metrics.leads = true;
    try {
      await controllers.run();
    } finally {
      patience.end();
      this.#controllers = null;
      this.#metrics.leads = false;
      this.#metrics.depths = () => new Map();
      if (!stop.aborted) log.event('LeadershipEnded', { reason: String(leadership.signal.reason) });
    }
  }

  async #serve(): Promise<FastifyInstance> {
    const { listen } = this.#options.configuration;
    const app = fastify({ forceCloseConnections: true });
    const registry = { contentType: this.#registry.contentType, metrics: async () => await this.#exposition() };
    // One that does not lead is ready to.
    healthRoutes(app, { registry, ready: () => true });
    const find = (namespace: string, name: string) => this.#controllers?.control(namespace, name) ?? null;
    registerControlApi(app, find, { ledBy: () => (this.#controllers === null ? { pod: this.#leader() } : null) });
    await app.listen(listen);
    return app;
  }

  #leader(): string | null {
    return this.#election.holder?.replace(/_[^_]*$/, '') ?? null;
  }

  async #exposition(): Promise<string> {
    const cores = (await this.#controllers?.expositions()) ?? [];
    return mergedExposition([await this.#registry.metrics(), ...cores]);
  }
}

/** Loses patience a while after the signal has fired, unless it is ended before. */
function impatience(signal: AbortSignal, lost: () => void): { end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(lost, STOP_WITHIN_MS);
  };
  signal.addEventListener('abort', begin, { once: true });
  if (signal.aborted) begin();
  return {
    end() {
      signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
}
