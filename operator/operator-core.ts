import type { PartitionName } from '#contract/names.ts';
import type { Operator, OperatorOptions, RequestOutcome } from './core.ts';
import type { ClusterSpec } from './partition/partition-spec.ts';
import type { PartitionView } from './partition/partition-view.ts';
import type { Ports } from './ports.ts';

export class OperatorCore implements Operator {
  constructor(_ports: Ports, _options: OperatorOptions) {}
  async start(): Promise<void> {}
  async apply(_spec: ClusterSpec): Promise<void> {}
  async requestSwitchover(_partition: PartitionName): Promise<RequestOutcome> {
    return { ok: false, code: 'Unexpected', message: 'no partition' };
  }
  async requestFailover(_partition: PartitionName): Promise<RequestOutcome> {
    return { ok: false, code: 'Unexpected', message: 'no partition' };
  }
  status(): readonly PartitionView[] {
    return [];
  }
  async stop(): Promise<void> {}
}
