import type { FastifyError, FastifyInstance } from 'fastify';
import { ControlFailure } from './control-failure.ts';

/** Whatever goes wrong below `app` is answered as a ControlProblem. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { status, body } = failureOf(error);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const { pathname } = new URL(request.url, 'http://control');
    return reply.code(404).send({ code: 'NotFound', message: `there is no ${request.method} ${pathname}` });
  });
}

const SERVER_ERROR = 500;

function failureOf(error: FastifyError): ControlFailure {
  if (error instanceof ControlFailure) return error;
  const status = error.statusCode ?? SERVER_ERROR;
  const code = status < SERVER_ERROR ? 'BadRequest' : 'Unexpected';
  return new ControlFailure(status, { code, message: error.message });
}
