import { Value } from 'typebox/value';
import { MailboxPartitionStatus } from '#crds/partition-status.ts';
import { partitionStatus } from '../partition/partition-status.ts';
import type { PartitionRecord } from '../partition/record.ts';
import type { RecordStore, RoutingStore, StoredRouting } from '../ports.ts';

/** What is durable, as text: nothing of an operator's memory survives in it. Counts writes for I11. */
export class MemoryStores {
  readonly #records = new Map<string, { version: number; text: string }>();
  #routing: string | null = null;
  writes = 0;
  /** What is wrong with records that could not be shown as `status`. */
  readonly misshapen: string[] = [];
  /** Every record that was ever saved, in order. */
  readonly history: PartitionRecord[] = [];

  readonly records: RecordStore = {
    load: async (partition) => {
      const stored = this.#records.get(partition);
      return stored === undefined ? null : { record: JSON.parse(stored.text), version: String(stored.version) };
    },
    save: async (partition, record, expected) => {
      const version = this.#records.get(partition)?.version ?? 0;
      if ((expected ?? '0') !== String(version)) return { ok: false, reason: 'conflict' };
      this.#records.set(partition, { version: version + 1, text: JSON.stringify(record) });
      this.writes += 1;
      this.history.push(record);
      for (const error of Value.Errors(MailboxPartitionStatus, partitionStatus(record))) {
        this.misshapen.push(`${error.instancePath} ${error.message}`);
      }
      return { ok: true, version: String(version + 1) };
    },
  };

  readonly routing: RoutingStore = {
    load: async (): Promise<StoredRouting | null> => (this.#routing === null ? null : JSON.parse(this.#routing)),
    save: async (routing) => {
      this.#routing = JSON.stringify(routing);
    },
  };
}
