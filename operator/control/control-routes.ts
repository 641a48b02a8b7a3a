import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pathBelow, ROUTING_PATH, STATUS_PATH } from '#contract/control-api.ts';
import { within } from '#runtime/deadline.ts';
import { answerFailures } from './answer-failures.ts';
import { askBeliefs } from './ask-beliefs.ts';
import { changePrimary } from './change-primary.ts';
import type { ClusterControl } from './cluster-control.ts';
import { userRoutes } from './user-routes.ts';

/** Whose cluster a request is about. Throws ControlFailure where it is nobody's, or not for whoever asks. */
export type ControlOf = (request: FastifyRequest) => ClusterControl;

type OfPartition = { readonly Params: { readonly partition: string } };

const STATUS_DEADLINE_MS = 10_000;
/** The longest thing in a request is a person's reason. */
const BODY_LIMIT = 16 * 1024;

/** The control API (contract/control-api.ts); `prefix` stands in the place of `/v1`, and may name a cluster. */
export function controlRoutes(app: FastifyInstance, prefix: string, controlOf: ControlOf): void {
  app.register(
    (scope, _options, done) => {
      answerFailures(scope);
      // Before a body is read, and before a stranger learns what paths there are.
      scope.addHook('onRequest', async (request) => void controlOf(request));
      scope.get(pathBelow('', STATUS_PATH), async (request) => {
        return await within(STATUS_DEADLINE_MS, 'the status', controlOf(request).status());
      });
      scope.get(pathBelow('', ROUTING_PATH), async (request) => await askBeliefs(controlOf(request)));
      for (const action of ['switchover', 'failover'] as const) {
        scope.post<OfPartition>(`/partitions/:partition/${action}`, { bodyLimit: BODY_LIMIT }, async (request) => {
          const { body, params } = request;
          return await changePrimary(controlOf(request), { partition: params.partition, action, body });
        });
      }
      scope.register((streaming, _none, ready) => {
        userRoutes(streaming, prefix, controlOf);
        ready();
      });
      done();
    },
    { prefix },
  );
}
