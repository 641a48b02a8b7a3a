import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import { PUSH_PATH } from '#contract/push-api.ts';
import { ChannelDoors } from '#runtime/channel/channel-doors.ts';
import { channelRoutes } from '#runtime/channel/channel-routes.ts';
import { type HealthRoutesOptions, healthRoutes } from '#runtime/health-routes.ts';
import type { Logger } from '#runtime/logger.ts';
import { RepositoryFull, RepositoryUnavailable } from '../routing/repository-access.ts';
import { bearerToken } from './bearer-token.ts';
import { type HeartbeatDoorOptions, heartbeatDoor } from './heartbeat-door.ts';
import { type MailboxRoutesOptions, mailboxRoutes } from './mailbox-routes.ts';
import { type MessageRoutesOptions, messageRoutes } from './message-routes.ts';
import { type PeerRoutesOptions, peerRoutes } from './peer-routes.ts';
import { Problem } from './problem.ts';
import { beliefOf, type PushRoutesOptions, pushRoutes } from './push-routes.ts';
import { failedLoginRoutes, forgottenLoginRoutes, type UserRoutesOptions, userRoutes } from './user-routes.ts';

export type AdminServerOptions = HealthRoutesOptions &
  PushRoutesOptions &
  HeartbeatDoorOptions &
  PeerRoutesOptions &
  UserRoutesOptions &
  MailboxRoutesOptions &
  MessageRoutesOptions & { readonly token: string; readonly log: Logger };

/**
 * The admin port: pushes and heartbeats of the operator (signed), health and metrics (open), and everything about users and peers (bearer
 * token).
 */
export function createAdminServer(options: AdminServerOptions): FastifyInstance {
  const doors = new ChannelDoors([heartbeatDoor(options)]);
  const http = { shouldUpgradeCallback: doors.admits };
  const app = fastify({ logger: false, forceCloseConnections: true, http });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const problem = problemOf(error);
    // Whoever goes away in the middle of a request (an import that is interrupted) is nobody's mistake.
    if (reply.raw.destroyed) options.log.debug({ error: error.message }, 'a caller went away');
    else if (problem.status === 500) options.log.event('Unexpected', { error: error.message, stack: error.stack });
    return reply.code(problem.status).send(problem.body);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = new Problem(404, 'NotFound', `no such thing as ${request.method} ${request.url}`);
    return reply.code(problem.status).send(problem.body);
  });
  healthRoutes(app, options);
  pushRoutes(app, options);
  channelRoutes(app, doors);
  app.register(async (guarded) => {
    guarded.addHook('onRequest', bearerToken(options.token));
    guarded.get(PUSH_PATH, async () => beliefOf(options));
    peerRoutes(guarded, options);
    userRoutes(guarded, options);
    forgottenLoginRoutes(guarded, options);
    failedLoginRoutes(guarded, options);
    mailboxRoutes(guarded, options);
    guarded.register(async (streaming) => messageRoutes(streaming, options));
  });
  return app;
}

function problemOf(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RepositoryFull) return new Problem(507, 'DiskFull', error.message);
  if (error instanceof RepositoryUnavailable) return new Problem(503, 'Unavailable', error.message);
  const status = error.statusCode ?? 500;
  if (status < 500) return new Problem(status, 'BadRequest', error.message);
  return new Problem(500, 'Unexpected', 'the request failed inside the server; its log says why');
}
