import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathBelow } from '#contract/control-api.ts';
import { usersPath } from '#contract/users-api.ts';
import { ControlFailure } from './control-failure.ts';
import type { ControlOf } from './control-routes.ts';
import { proxyToImapd } from './proxy-to-imapd.ts';

/** Requests about users and their mail go to an imapd, each to the next in turn. */
export function userRoutes(app: FastifyInstance, prefix: string, controlOf: ControlOf): void {
  // A message is streamed on, whatever it calls itself; nobody collects it here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const segments = prefix.split('/').length;
  let turn = 0;

  const handOn = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { adminToken: token, ...control } = controlOf(request);
    const pods = control.pods();
    const pod = pods[turn++ % Math.max(1, pods.length)];
    if (pod === undefined) throw new ControlFailure(503, { code: 'Unavailable', message: 'no imapd runs' });
    // Not the route's parameters: a name stays encoded as it came.
    const rest = request.url.split('/').slice(segments).join('/');
    reply.hijack();
    await proxyToImapd(request.raw, reply.raw, { pod, token, path: `/v1/${rest}` });
  };
  const own = pathBelow('', usersPath);
  app.all(own, handOn);
  app.all(`${own}/*`, handOn);
}
