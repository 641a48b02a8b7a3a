import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { type ChangeDone, FailoverRequest, SwitchoverRequest } from '#contract/control-api.ts';
import { memberName, type PartitionName, partitionName } from '#contract/names.ts';
import { DeadlineError, within } from '#runtime/deadline.ts';
import type { RequestOutcome } from '../core.ts';
import type { ClusterControl } from './cluster-control.ts';
import { ControlFailure } from './control-failure.ts';

/** A switchover of a healthy partition takes seconds; one that waits for a clone takes longer than anyone wants to. */
const CHANGE_DEADLINE_MS = 120_000;

export type ChangeRequest = {
  readonly partition: string;
  readonly action: 'switchover' | 'failover';
  readonly body: unknown;
};

/** Has the operator do what a person asked for. @throws ControlFailure 400, 404, 409, 503 */
export async function changePrimary(control: ClusterControl, request: ChangeRequest): Promise<ChangeDone> {
  const { partition, action, body } = request;
  const members = control.members().get(partition);
  if (members === undefined) throw notAmong(`partition ${partition}`, [...control.members().keys()]);
  const name = partitionName(partition);
  const asked = action === 'switchover' ? switchover(control, name, { members, body }) : failover(control, name, body);
  const outcome = await intime(asked);
  if (outcome.ok) return { primary: outcome.primary, epoch: outcome.epoch };
  throw new ControlFailure(409, { code: outcome.code, message: outcome.message });
}

async function switchover(
  control: ClusterControl,
  partition: PartitionName,
  { members, body }: { readonly members: readonly string[]; readonly body: unknown },
): Promise<RequestOutcome> {
  const { to } = shaped(SwitchoverRequest, body);
  if (to !== null && !members.includes(to)) throw notAmong(`member ${to}`, members);
  return await control.operator().requestSwitchover(partition, ...(to === null ? [] : [memberName(to)]));
}

async function failover(control: ClusterControl, partition: PartitionName, body: unknown): Promise<RequestOutcome> {
  return await control.operator().requestFailover(partition, shaped(FailoverRequest, body));
}

function shaped<S extends TSchema>(schema: S, body: unknown): Static<S> {
  if (Value.Check(schema, body)) return body;
  throw new ControlFailure(400, { code: 'ConfigurationInvalid', message: 'a malformed request' });
}

/** What was begun goes on: a change that is recorded is finished, whoever waits for it. */
async function intime(asked: Promise<RequestOutcome>): Promise<RequestOutcome> {
  try {
    return await within(CHANGE_DEADLINE_MS, 'the operator', asked);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    const message = `${error.message}; what it has begun goes on: see \`imapctl status\``;
    throw new ControlFailure(503, { code: 'Unavailable', message }, { cause: error });
  }
}

const notAmong = (what: string, known: readonly string[]): ControlFailure =>
  new ControlFailure(404, { code: 'NotFound', message: `there is no ${what}; there are: ${known.join(', ')}` });
