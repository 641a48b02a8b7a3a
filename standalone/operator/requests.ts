import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { memberName, partitionName } from '#contract/names.ts';
import type { Operator } from '#operator/core.ts';
import type { LinkHandler } from './message-link.ts';

const Switchover = Type.Object({ partition: Type.String(), to: Type.Union([Type.String(), Type.Null()]) });
const Failover = Type.Object({ partition: Type.String(), acceptDataLoss: Type.Boolean(), reason: Type.String() });

/** What people may ask of the operator, by way of the control socket and the supervisor. */
export const operatorRequests = (operator: () => Promise<Operator>): Readonly<Record<string, LinkHandler>> => ({
  async status() {
    return (await operator()).status();
  },
  async switchover(parameters) {
    const { partition, to } = Value.Parse(Switchover, parameters);
    return await (await operator()).requestSwitchover(
      partitionName(partition),
      ...(to === null ? [] : [memberName(to)]),
    );
  },
  async failover(parameters) {
    const { partition, acceptDataLoss, reason } = Value.Parse(Failover, parameters);
    return await (await operator()).requestFailover(partitionName(partition), { acceptDataLoss, reason });
  },
});
