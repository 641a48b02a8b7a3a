import type { PartitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { objectName } from '#crds/names/object-name.ts';
import { settled } from '#runtime/settled.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import type { Events, RecordStore, StoredRecord } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { KeptConfigMap } from './kept-config-map.ts';
import { KeptRecord, type Saved } from './kept-record.ts';
import { RecordProblem } from './record-problem.ts';

export type RecordStoreOptions = {
  /** Whose writes end with the right to them: an operator that does not lead must not write a record. */
  readonly client: ApiClient;
  /** Of the cluster and its partitions. */
  readonly namespace: string;
  /** As last heard of; null: there is none. */
  readonly partition: (name: PartitionName) => MailboxPartition | null;
  readonly events: Events;
};

/**
 * The records of the partitions of a cluster, a ConfigMap each (docs/adr/0007). Compare-and-set by resourceVersion, and by a
 * revision in the record that tells a later record from one that somebody has only touched.
 *
 *   write on top of what was last seen ──▶ done, one request
 *        └─ it has changed: read ─┬─ our own write, whose answer was lost ──▶ go on from there
 *                                 ├─ a higher revision: another operator ───▶ conflict
 *                                 └─ labels; deleted; edited by hand ───────▶ write again (and tell, but for labels)
 */
export class RecordConfigMapStore implements RecordStore {
  readonly #options: RecordStoreOptions;
  readonly #records = new Map<PartitionName, KeptRecord>();
  /** What is done to one record follows one another, or two writes could rest on the same version. */
  readonly #turns = new Map<PartitionName, Promise<unknown>>();

  readonly #told = new Map<PartitionName, string>();

  constructor(options: RecordStoreOptions) {
    this.#options = options;
  }

  /** @throws RecordProblem where there is one that must not be acted on; never null for it */
  async load(partition: PartitionName): Promise<StoredRecord | null> {
    try {
      const stored = await this.#inTurn(partition, (record) => record.load());
      this.#told.delete(partition);
      return stored;
    } catch (error) {
      if (error instanceof RecordProblem && error.kind === 'damaged') this.#tell(partition, error.message);
      throw error;
    }
  }

  /** @throws RecordProblem, ApiError, network errors: whether it was written is found out by the next one */
  async save(partition: PartitionName, record: PartitionRecord, expected: string | null): Promise<Saved> {
    return await this.#inTurn(partition, (kept) => kept.save(record, expected));
  }

  /** To be called when `reclaim` of a partition has changed. */
  async settleOwner(partition: PartitionName): Promise<void> {
    await this.#inTurn(partition, (kept) => kept.settleOwner());
  }

  /** Of a partition that is gone: what was remembered of its record. */
  forget(partition: PartitionName): void {
    this.#records.delete(partition);
    this.#turns.delete(partition);
    this.#told.delete(partition);
  }

  /** It is read again and again until it is mended: told once. */
  #tell(partition: PartitionName, message: string): void {
    if (this.#told.get(partition) === message) return;
    this.#told.set(partition, message);
    this.#options.events.emit({ code: 'RecordDamaged', partition, message });
  }

  async #inTurn<T>(partition: PartitionName, work: (record: KeptRecord) => Promise<T>): Promise<T> {
    const before = this.#turns.get(partition) ?? Promise.resolve();
    const record = this.#record(partition);
    const turn = settled(before).then(() => work(record));
    this.#turns.set(partition, turn);
    return await turn;
  }

  #record(partition: PartitionName): KeptRecord {
    const known = this.#records.get(partition);
    if (known !== undefined) return known;
    const { client, namespace, events } = this.#options;
    const name = objectName(partition, 'record');
    const record = new KeptRecord({
      map: new KeptConfigMap(client, { namespace, name }),
      partition: () => this.#partition(partition),
      onRestored: (what) => {
        const message = `ConfigMap ${namespace}/${name} was written again: ${what}`;
        events.emit({ code: 'RecordRestored', partition, message });
      },
    });
    this.#records.set(partition, record);
    return record;
  }

  /** Without an owner to go with, a record of a partition that is gone would be found by the next one of its name. */
  #partition(name: PartitionName): MailboxPartition {
    const found = this.#options.partition(name);
    if (found === null) throw new RecordProblem('passing', `there is no MailboxPartition ${name} any more`);
    return found;
  }
}
