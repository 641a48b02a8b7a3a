import { ControlFailure } from '#operator/control/control-failure.ts';
import type { Operator, RequestOutcome } from '#operator/core.ts';
import { DeadlineError } from '#runtime/deadline.ts';
import { LinkError, type MessageLink } from '../operator/message-link.ts';

/** Whoever asked has given up by then. */
const DEADLINE_MS = 150_000;

/** What people may ask of the operator, which is another process of the run. */
export function linkedOperator(link: MessageLink): Pick<Operator, 'requestSwitchover' | 'requestFailover'> {
  const call = async (method: string, parameters: object): Promise<RequestOutcome> => {
    try {
      return (await link.call(method, parameters, { deadlineMs: DEADLINE_MS })) as RequestOutcome;
    } catch (cause) {
      if (!(cause instanceof LinkError || cause instanceof DeadlineError)) throw cause;
      const message = `the operator does not answer: ${cause.message}`;
      throw new ControlFailure(503, { code: 'Unavailable', message }, { cause });
    }
  };
  return {
    requestSwitchover: (partition, to) => call('switchover', { partition, to: to ?? null }),
    requestFailover: (partition, options) => call('failover', { partition, ...options }),
  };
}
