import type { ControlStatus } from '#contract/control-api.ts';
import type { Operator } from '../core.ts';
import type { Pod } from '../ports.ts';

/** One cluster in the hands of people: what the control API needs of whoever runs it. */
export type ClusterControl = {
  /** Bearer token: of this API, and of the admin ports of the cluster's imapd pods. */
  readonly adminToken: string;
  status(): Promise<ControlStatus>;
  /** Imapd pods that are ready. */
  pods(): readonly Pod[];
  operator(): Pick<Operator, 'requestSwitchover' | 'requestFailover'>;
  /** Partitions that exist, each with its members; the operator is not asked about others. */
  members(): ReadonlyMap<string, readonly string[]>;
};
