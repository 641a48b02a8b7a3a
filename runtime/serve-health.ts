import { type FastifyInstance, fastify } from 'fastify';
import { type HealthRoutesOptions, healthRoutes } from './health-routes.ts';

/** A port for nothing but health and metrics, for processes that listen on no other. Closing ends its connections too. */
export async function serveHealth(
  listen: { readonly host: string; readonly port: number },
  options: HealthRoutesOptions,
): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true });
  healthRoutes(app, options);
  await app.listen(listen);
  return app;
}
