import type { MemberName, PartitionName } from '#contract/names.ts';
import type { CrashPoint } from './failover/steps/crash-point.ts';
import { OperatorCore } from './operator-core.ts';
import type { ClusterSpec } from './partition/partition-spec.ts';
import type { PartitionView } from './partition/partition-view.ts';
import type { Ports } from './ports.ts';
import type { Tuning } from './tuning.ts';

export type OperatorOptions = {
  readonly spec: ClusterSpec;
  readonly tuning?: Partial<Tuning> | undefined;
  /** Called at `STEP:before`, `STEP:after-effect` and `STEP:after-persist` of every recorded step. */
  readonly crashPoint?: CrashPoint | undefined;
};

/** Answer to a person's request: done, or why not. */
export type RequestOutcome =
  | { readonly ok: true; readonly primary: MemberName; readonly epoch: number }
  | { readonly ok: false; readonly code: string; readonly message: string };

export type Operator = {
  /** Takes a changed spec: partitions come and go, settings change. */
  apply(spec: ClusterSpec): Promise<void>;
  /** Planned change of primary; to the best replica where none is named. Settles when it is done or refused. */
  requestSwitchover(partition: PartitionName, to?: MemberName): Promise<RequestOutcome>;
  /** A person's failover: skips detection and, with `acceptDataLoss`, the durability gate. */
  requestFailover(
    partition: PartitionName,
    options: { readonly acceptDataLoss: boolean; readonly reason?: string },
  ): Promise<RequestOutcome>;
  status(): readonly PartitionView[];
  /** One of them; null: it is not looked after. */
  view(partition: PartitionName): PartitionView | null;
  stop(): Promise<void>;
};

/** Loads the records and begins to act on them. A change that was under way goes on at its recorded step. */
export async function startOperator(ports: Ports, options: OperatorOptions): Promise<Operator> {
  const operator = new OperatorCore(ports, options);
  await operator.start();
  return operator;
}
