import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

export type HealthRoutesOptions = {
  readonly registry: Pick<Registry, 'contentType' | 'metrics'>;
  /** Whether the process does what it is there for; of an imapd it stays true while commands are held. */
  readonly ready: () => boolean | Promise<boolean>;
  /** Brings gauges up to date that do not do so by themselves. */
  readonly refresh?: (() => void) | undefined;
};

/**
 * `/healthz`, `/readyz` and `/metrics`, the same in every process. Liveness asks for the event loop alone: a probe that
 * looked at replication would restart every process in the middle of a failover. Readiness stays true while holding, for
 * the same reason.
 */
export function healthRoutes(app: FastifyInstance, { registry, ready, refresh }: HealthRoutesOptions): void {
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const now = await ready();
    return await reply.code(now ? 200 : 503).send({ ready: now });
  });
  app.get('/metrics', async (_request, reply) => {
    refresh?.();
    return await reply.type(registry.contentType).send(await registry.metrics());
  });
}
