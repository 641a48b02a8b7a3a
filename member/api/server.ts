import { createHash, timingSafeEqual } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { COMMAND_PATH } from '#contract/agent-command.ts';
import { STATUS_PATH, STREAM_PATH } from '#contract/agent-report.ts';
import { type ChannelDoor, ChannelDoors } from '#runtime/channel/channel-doors.ts';
import { channelRoutes } from '#runtime/channel/channel-routes.ts';
import { type HealthRoutesOptions, healthRoutes } from '#runtime/health-routes.ts';
import type { Obedience } from '../commands/obey.ts';
import type { Donor } from '../copying/donor.ts';
import type { Reporter } from '../report/reporter.ts';
import { copyRoutes } from './copy-routes.ts';
import { streamReports } from './stream-reports.ts';

export type ApiOptions = {
  readonly token: string;
  readonly reporter: Reporter;
  readonly obedience: Obedience;
  readonly donor: Donor;
  /** One monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** The operator was there at that time of the clock. */
  readonly onContact: (at: number) => void;
  /** A command has come (1), or its answer has gone out of our hands, or cannot any more (-1). */
  readonly onCommand: (change: 1 | -1) => void;
} & HealthRoutesOptions;

const CommandRequest = Type.Object({ command: Type.String() }, { additionalProperties: false });
type CommandRequest = Static<typeof CommandRequest>;

const BODY_LIMIT = 64 * 1024;

/** The agent's HTTP API (`contract/agent-report.ts`, `contract/agent-command.ts`, `copying/copy-api.ts`), health and metrics. */
export function createApi(options: ApiOptions): FastifyInstance {
  const doors = new ChannelDoors([reportsDoor(options)]);
  const http = { shouldUpgradeCallback: doors.admits };
  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true, http });
  const authorize = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!bearsToken(request.headers.authorization, options.token)) {
      await reply.code(401).send({ code: 'Unauthorized', message: 'a bearer token is needed' });
    }
  };
  app.get(STATUS_PATH, { onRequest: authorize }, async () => options.reporter.current());
  healthRoutes(app, options);
  channelRoutes(app, doors);
  copyRoutes(app, options.donor, authorize);
  app.post(COMMAND_PATH, async (request, reply) => {
    options.onCommand(1);
    reply.raw.once('close', () => options.onCommand(-1));
    const body: unknown = request.body;
    if (!Value.Check(CommandRequest, body)) {
      return await reply.code(400).send({ code: 'BadRequest', message: 'expected {command: JWS}' });
    }
    // No token: the signature says more.
    const outcome = await options.obedience.obey((body satisfies CommandRequest).command);
    if (isContact(outcome.status)) options.onContact(options.now());
    return await reply.code(outcome.status).send(outcome.body);
  });
  return app;
}

const reportsDoor = ({ token, reporter, now, onContact }: ApiOptions): ChannelDoor => ({
  path: STREAM_PATH,
  admits: ({ headers }) => bearsToken(headers.authorization, token),
  open: (channel) => streamReports({ channel, reporter, now, onHeard: onContact }),
});

/** A command that was obeyed, or tried. One that is old proves nothing: it may be a recording. */
const isContact = (status: number): boolean => status === 200 || status === 422 || status === 500;

function bearsToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
