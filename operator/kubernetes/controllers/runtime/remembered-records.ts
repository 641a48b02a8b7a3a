import type { PartitionName } from '#contract/names.ts';
import type { PartitionRecord } from '../../../partition/record.ts';
import type { RecordStore, StoredRecord } from '../../../ports.ts';

/**
 * The records of a cluster's partitions, and what was last read or written of each: who looks at them (status, the plan for
 * the members) need not ask the API server, nor the core. A record that was looked at before the core began is not read twice.
 */
export class RememberedRecords implements RecordStore {
  readonly #store: RecordStore;
  readonly #onSaved: (partition: PartitionName) => void;
  readonly #known = new Map<PartitionName, PartitionRecord | null>();
  /** Read, and not handed to the core yet. */
  readonly #fresh = new Map<PartitionName, StoredRecord | null>();

  /** @param onSaved after each write, which it does not hold up */
  constructor(store: RecordStore, onSaved: (partition: PartitionName) => void) {
    this.#store = store;
    this.#onSaved = onSaved;
  }

  /** As last read or written; null: none is stored; undefined: not looked at yet. */
  known(partition: PartitionName): PartitionRecord | null | undefined {
    return this.#known.get(partition);
  }

  /** Reads it unless that was done. */
  async learn(partition: PartitionName): Promise<void> {
    if (this.#known.has(partition)) return;
    this.#fresh.set(partition, await this.#read(partition));
  }

  /** The partition is no longer looked after. */
  forget(partition: PartitionName): void {
    this.#known.delete(partition);
    this.#fresh.delete(partition);
  }

  async load(partition: PartitionName): Promise<StoredRecord | null> {
    const fresh = this.#fresh.get(partition);
    if (fresh === undefined) return await this.#read(partition);
    this.#fresh.delete(partition);
    return fresh;
  }

  async save(partition: PartitionName, record: PartitionRecord, expected: string | null) {
    // Whatever comes of it, what was read before is no longer the newest.
    this.#fresh.delete(partition);
    const saved = await this.#store.save(partition, record, expected);
    if (saved.ok) {
      this.#known.set(partition, record);
      this.#onSaved(partition);
    }
    return saved;
  }

  async #read(partition: PartitionName): Promise<StoredRecord | null> {
    const stored = await this.#store.load(partition);
    this.#known.set(partition, stored?.record ?? null);
    return stored;
  }
}
