import { Value } from 'typebox/value';
import {
  type ControlRouting,
  FailoverRequest,
  ROUTING_PATH,
  STATUS_PATH,
  SwitchoverRequest,
} from '#contract/control-api.ts';
import { PUSH_PATH } from '#contract/push-api.ts';
import type { RequestOutcome } from '#operator/core.ts';
import type { Pod } from '#operator/ports.ts';
import type { MessageLink } from '../operator/message-link.ts';
import { type ControlAnswer, type ControlHandler, type ControlRequest, problem } from './control-server.ts';

/** `partitions`: names that exist; the operator is not asked about others. */
export type ControlRoutesOptions = {
  readonly status: () => Promise<unknown>;
  readonly pods: () => readonly Pod[];
  readonly imapdToken: string;
  readonly operator: MessageLink;
  readonly partitions: ReadonlySet<string>;
};

/** A switchover of a healthy partition takes seconds; one that waits for a clone takes longer than anyone wants to. */
const CHANGE_DEADLINE_MS = 120_000;
const BELIEF_DEADLINE_MS = 2_000;

/** Everything the control socket answers by itself; the rest goes to an imapd (`proxy-to-imapd.ts`). */
export function controlRoutes(options: ControlRoutesOptions): ControlHandler {
  return async (request) => {
    if (request.method === 'GET' && request.path === STATUS_PATH) return { status: 200, body: await options.status() };
    if (request.method === 'GET' && request.path === ROUTING_PATH) return { status: 200, body: await routing(options) };
    const match = /^\/v1\/partitions\/([^/]+)\/(switchover|failover)$/.exec(request.path);
    if (request.method !== 'POST' || match === null) return null;
    const [, encoded = '', action = ''] = match;
    return await change(options, { partition: decodeURIComponent(encoded), action, request });
  };
}

type Change = { readonly partition: string; readonly action: string; readonly request: ControlRequest };

async function change(options: ControlRoutesOptions, { partition, action, request }: Change): Promise<ControlAnswer> {
  if (!options.partitions.has(partition)) {
    const known = [...options.partitions].join(', ');
    return { status: 404, body: problem('NotFound', `there is no partition ${partition}; there are: ${known}`) };
  }
  const schema = action === 'switchover' ? SwitchoverRequest : FailoverRequest;
  const body = await request.body();
  if (!Value.Check(schema, body)) return { status: 400, body: problem('ConfigurationInvalid', 'a malformed request') };
  try {
    const parameters = { ...body, partition };
    const outcome = (await options.operator.call(action, parameters, {
      deadlineMs: CHANGE_DEADLINE_MS,
    })) as RequestOutcome;
    if (outcome.ok) return { status: 200, body: { primary: outcome.primary, epoch: outcome.epoch } };
    return { status: 409, body: problem(outcome.code, outcome.message) };
  } catch (error) {
    return { status: 503, body: problem('Unavailable', `the operator does not answer: ${(error as Error).message}`) };
  }
}

async function routing({ pods, imapdToken }: ControlRoutesOptions): Promise<ControlRouting> {
  const ask = async (pod: Pod): Promise<ControlRouting['pods'][number]> => {
    try {
      const response = await fetch(new URL(PUSH_PATH, pod.adminUrl), {
        headers: { authorization: `Bearer ${imapdToken}` },
        signal: AbortSignal.timeout(BELIEF_DEADLINE_MS),
      });
      if (!response.ok) return { pod: pod.name, belief: null, problem: `HTTP ${response.status}` };
      return { pod: pod.name, belief: await response.json(), problem: null };
    } catch (error) {
      return { pod: pod.name, belief: null, problem: (error as Error).message };
    }
  };
  return { pods: await Promise.all(pods().map(ask)) };
}
