import { isDeepStrictEqual } from 'node:util';
import type { PartitionName } from '#contract/names.ts';
import type { RecordStore } from '../ports.ts';
import { newRecord, type PartitionRecord } from './record.ts';

/** Somebody else wrote the record: whatever was decided on the old one is void. */
export class RecordConflict extends Error {
  override readonly name = 'RecordConflict';
}

/** The record of one partition as this operator knows it, and the only way to change it. */
export class RecordKeeper {
  readonly #store: RecordStore;
  readonly #partition: PartitionName;
  #record: PartitionRecord = newRecord;
  #version: string | null = null;

  constructor(store: RecordStore, partition: PartitionName) {
    this.#store = store;
    this.#partition = partition;
  }

  get record(): PartitionRecord {
    return this.#record;
  }

  async load(): Promise<void> {
    const stored = await this.#store.load(this.#partition);
    this.#record = stored === null ? newRecord : { ...newRecord, ...stored.record };
    this.#version = stored?.version ?? null;
  }

  /**
   * Durable when it returns; writes nothing where nothing changes (I11).
   * @throws RecordConflict where the record is no longer the one that was loaded
   */
  async save(change: Partial<PartitionRecord>): Promise<boolean> {
    const next = { ...this.#record, ...change };
    if (isDeepStrictEqual(next, this.#record)) return false;
    if (next.epoch < this.#record.epoch) throw new Error(`epoch ${next.epoch} after ${this.#record.epoch}`);
    const saved = await this.#store.save(this.#partition, next, this.#version);
    if (!saved.ok) throw new RecordConflict(`the record of ${this.#partition} was changed by somebody else`);
    this.#record = next;
    this.#version = saved.version;
    return true;
  }
}
