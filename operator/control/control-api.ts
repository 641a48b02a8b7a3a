import type { FastifyInstance } from 'fastify';
import type { ClusterControl } from './cluster-control.ts';
import { ControlFailure } from './control-failure.ts';
import { type ControlOf, controlRoutes } from './control-routes.ts';
import { sameToken } from './same-token.ts';

/** null: there is no such cluster, or it is not this operator's. */
export type FindCluster = (namespace: string, name: string) => ClusterControl | null;

export type ControlApiOptions = {
  /** Null while this process leads; otherwise the pod that does, as far as is known. Left out: it always leads. */
  readonly ledBy?: () => { readonly pod: string | null } | null;
};

type OfCluster = { readonly namespace: string; readonly name: string };

/**
 * The control API of every cluster of an operator, below `/v1/clusters/NAMESPACE/NAME`, each behind its own bearer token. Of
 * several operators only the leader answers: what the others know is old, and what they would do is not theirs to do.
 */
export function registerControlApi(app: FastifyInstance, find: FindCluster, options: ControlApiOptions = {}): void {
  const controlOf: ControlOf = ({ params, headers }) => {
    // Who shows nothing is told nothing: not who leads, nor which clusters there are.
    if (!isBearer(headers.authorization)) throw unauthorized();
    const leader = options.ledBy?.() ?? null;
    if (leader !== null) throw notLeading(leader.pod);
    const { namespace, name } = params as OfCluster;
    const control = find(namespace, name);
    if (control === null) throw new ControlFailure(404, { code: 'NoSuchCluster', message: unknown(namespace, name) });
    if (sameToken(headers.authorization, control.adminToken)) return control;
    throw unauthorized();
  };
  controlRoutes(app, '/v1/clusters/:namespace/:name', controlOf);
}

const isBearer = (authorization: string | undefined): boolean => /^Bearer +\S/.test(authorization ?? '');

const unauthorized = (): ControlFailure =>
  new ControlFailure(401, { code: 'Unauthorized', message: 'the bearer token is missing or wrong' });

const unknown = (namespace: string, name: string): string =>
  `this operator has no ImapCluster ${name} in the namespace ${namespace}`;

function notLeading(pod: string | null): ControlFailure {
  const message = pod === null ? 'no operator leads at the moment' : `this operator does not lead; ${pod} does`;
  return new ControlFailure(503, { code: 'NotLeading', message });
}
