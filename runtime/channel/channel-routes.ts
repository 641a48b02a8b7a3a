import type { FastifyInstance } from 'fastify';
import { CHANNEL_PROTOCOL } from '#contract/channel.ts';
import type { ChannelDoors } from './channel-doors.ts';

const UNAUTHORIZED = 401;
const UPGRADE_REQUIRED = 426;
const UNAVAILABLE = 503;

/**
 * Lets channels begin at the server of `app`, which must have been made with `http: { shouldUpgradeCallback: doors.admits }`; they
 * end when it closes. Whoever gets none is told why.
 */
export function channelRoutes(app: FastifyInstance, doors: ChannelDoors): void {
  doors.attach(app.server);
  app.addHook('preClose', async () => doors.close());
  for (const { path, admits, isFull } of doors.doors) {
    app.get(path, async (request, reply) => {
      if (!admits(request.raw))
        return await reply.code(UNAUTHORIZED).send({ code: 'Unauthorized', message: 'a bearer token is needed' });
      if (isFull?.() === true && request.headers.upgrade === CHANNEL_PROTOCOL)
        return await reply.code(UNAVAILABLE).send({ code: 'Full', message: 'no more channels fit through here' });
      const message = `a GET without a body that upgrades to ${CHANNEL_PROTOCOL} is needed`;
      reply.code(UPGRADE_REQUIRED).headers({ connection: 'upgrade', upgrade: CHANNEL_PROTOCOL });
      return await reply.send({ code: 'UpgradeRequired', message });
    });
  }
}
