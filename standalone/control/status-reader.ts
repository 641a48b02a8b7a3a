import type { ControlStatus } from '#contract/control-api.ts';
import { partitionName } from '#contract/names.ts';
import { membersNow } from '#operator/control/members-now.ts';
import { partitionStatus } from '#operator/partition/partition-status.ts';
import type { PartitionView } from '#operator/partition/partition-view.ts';
import type { PartitionRecord } from '#operator/partition/record.ts';
import { pause } from '#runtime/deadline.ts';
import { RecordFileStore } from '../operator/record-file-store.ts';
import type { Plan } from '../plan.ts';
import type { StateFolder } from '../state/state-folder.ts';
import type { Supervisor } from '../supervisor.ts';

/** What the status is put together from. */
export type StatusReaderOptions = {
  readonly state: StateFolder;
  readonly plan: Plan;
  readonly supervisor: Supervisor;
  readonly endpoints: ControlStatus['endpoints'];
};

const OPERATOR_DEADLINE_MS = 1_000;
const POLL_MS = 50;

/** Puts `imapctl status` together: durable records from the disk, the moment from the operator, processes from here. */
export class StatusReader {
  readonly #options: StatusReaderOptions;
  readonly #records: RecordFileStore;

  constructor(options: StatusReaderOptions) {
    this.#options = options;
    this.#records = new RecordFileStore(options.state.file('operator', 'records'));
  }

  async read(): Promise<ControlStatus> {
    const { plan, supervisor, endpoints } = this.#options;
    const [records, views] = await Promise.all([this.#all(), this.#views()]);
    const objects = plan.partitions.map(({ object }) => {
      const record = records.get(object.metadata.name);
      return record === undefined ? object : { ...object, status: partitionStatus(record) };
    });
    return {
      objects: [this.#cluster(), ...objects],
      members: views.list.flatMap(membersNow),
      waiting: Object.fromEntries(
        views.list.flatMap(({ name, waitingFor }) => (waitingFor === null ? [] : [[name, waitingFor] as const])),
      ),
      operatorProblem: views.problem,
      processes: [...supervisor.processes()],
      endpoints,
    };
  }

  /** Members that are to serve writes, by the records. */
  async primaries(): Promise<ReadonlySet<string>> {
    const records = await this.#all();
    return new Set([...records.values()].flatMap(({ primary }) => (primary === null ? [] : [primary])));
  }

  async untilServing(signal: AbortSignal): Promise<void> {
    while (!(await this.serves())) {
      if ((await pause(POLL_MS, signal)) === 'aborted') throw signal.reason;
    }
  }

  /** Whether every partition has a writer that every imapd obeys. By the operator's own eyes: after a restart the records speak of a primary that has yet to be granted. */
  async serves(): Promise<boolean> {
    const { plan, supervisor } = this.#options;
    const { list } = await this.#views();
    const pods = supervisor.pods();
    if (list.length < plan.partitions.length || !list.every(hasWriter) || pods.length < plan.pods.length) return false;
    const obeyed = await Promise.all(pods.map(({ adminUrl }) => podIsReady(adminUrl)));
    return obeyed.every(Boolean);
  }

  #cluster(): object {
    const { plan, supervisor } = this.#options;
    const pods = supervisor.pods().length;
    const phase = pods === plan.pods.length ? 'Serving' : 'Degraded';
    return { ...plan.cluster, status: { phase, replicas: plan.pods.length, readyReplicas: pods } };
  }

  async #all(): Promise<ReadonlyMap<string, PartitionRecord>> {
    const found = new Map<string, PartitionRecord>();
    for (const { object } of this.#options.plan.partitions) {
      const stored = await this.#records.load(partitionName(object.metadata.name));
      if (stored !== null) found.set(object.metadata.name, stored.record);
    }
    return found;
  }

  async #views(): Promise<{ readonly list: readonly PartitionView[]; readonly problem: string | null }> {
    try {
      const list = await this.#options.supervisor.operatorLink.call('status', null, {
        deadlineMs: OPERATOR_DEADLINE_MS,
      });
      return { list: list as readonly PartitionView[], problem: null };
    } catch (error) {
      return { list: [], problem: (error as Error).message };
    }
  }
}

function hasWriter({ record, target, members }: PartitionView): boolean {
  const writer = members.find(({ name }) => name === target?.writer);
  return record.operation === null && target !== null && writer?.report?.grantedEpoch === target.epoch;
}

async function podIsReady(adminUrl: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', adminUrl), { signal: AbortSignal.timeout(OPERATOR_DEADLINE_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Not listening yet: that is what the caller asks.
    return false;
  }
}
