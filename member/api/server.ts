import { createHash, timingSafeEqual } from 'node:crypto';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { COMMAND_PATH } from '#contract/agent-command.ts';
import { STATUS_PATH, STREAM_PATH } from '#contract/agent-report.ts';
import type { Obedience } from '../commands/obey.ts';
import type { Reporter } from '../report/reporter.ts';
import { streamReports } from './stream-reports.ts';

export type ApiOptions = {
  readonly token: string;
  readonly reporter: Reporter;
  readonly obedience: Obedience;
  /** The operator was heard of. */
  readonly onContact: () => void;
};

const CommandRequest = Type.Object({ command: Type.String() }, { additionalProperties: false });
type CommandRequest = Static<typeof CommandRequest>;

const BODY_LIMIT = 64 * 1024;

/** The agent's HTTP API (`contract/agent-report.ts`, `contract/agent-command.ts`). */
export function createApi(options: ApiOptions): FastifyInstance {
  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });
  const authorize = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!bearsToken(request.headers.authorization, options.token)) {
      await reply.code(401).send({ code: 'Unauthorized', message: 'a bearer token is needed' });
    }
  };
  app.get(STATUS_PATH, { preHandler: authorize }, async () => options.reporter.current());
  app.get(STREAM_PATH, { preHandler: authorize }, async (_, reply) => {
    reply.hijack();
    options.onContact();
    streamReports(reply.raw, options.reporter, options.onContact);
  });
  app.post(COMMAND_PATH, async (request, reply) => {
    const body: unknown = request.body;
    if (!Value.Check(CommandRequest, body)) {
      return await reply.code(400).send({ code: 'BadRequest', message: 'expected {command: JWS}' });
    }
    // No token: the signature says more.
    const outcome = await options.obedience.obey((body satisfies CommandRequest).command);
    if (outcome.status !== 400) options.onContact();
    return await reply.code(outcome.status).send(outcome.body);
  });
  return app;
}

function bearsToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
