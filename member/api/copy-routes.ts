import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { Value } from 'typebox/value';
import { COPY_PATH, CopyRequest } from '../copying/copy-api.ts';
import type { Donor } from '../copying/donor.ts';

/** `copying/copy-api.ts`. A copy that is asked for is made while it is taken, and given up with the connection. */
export function copyRoutes(app: FastifyInstance, donor: Donor, onRequest: onRequestAsyncHookHandler): void {
  app.get(COPY_PATH, { onRequest }, async (_, reply) => {
    const answer = await donor.challenge();
    if (answer.status === 200) return answer.challenge;
    const { status, code, message } = answer;
    return await reply.code(status).send({ code, message });
  });
  app.post(COPY_PATH, { onRequest }, async (request, reply) => {
    const body: unknown = request.body;
    if (!Value.Check(CopyRequest, body)) {
      return await reply.code(400).send({ code: 'BadRequest', message: 'expected a CopyRequest' });
    }
    const admission = donor.admit(body satisfies CopyRequest);
    if (admission.status !== 200) {
      const { status, code, message } = admission;
      return await reply.code(status).send({ code, message });
    }
    const gone = new AbortController();
    const { raw } = reply.hijack();
    raw.once('close', () => gone.abort(new Error('whoever asked for the copy is gone')));
    // Nothing else is left to tell it to.
    raw.on('error', () => undefined);
    if (raw.destroyed) gone.abort(new Error('whoever asked for the copy is gone'));
    try {
      raw.writeHead(200, { 'content-type': 'application/octet-stream' });
      raw.flushHeaders();
      await admission.send(raw, gone.signal);
      raw.end();
    } finally {
      // What threw has sent no end, and nobody else would close it.
      if (!raw.writableEnded) raw.destroy();
    }
    return reply;
  });
}
