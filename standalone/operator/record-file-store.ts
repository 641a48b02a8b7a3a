import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartitionName } from '#contract/names.ts';
import type { PartitionRecord } from '#operator/partition/record.ts';
import type { RecordStore, StoredRecord } from '#operator/ports.ts';
import { settled } from '#runtime/settled.ts';
import { readFileIfPresent, writeFileAtomically } from '../state/atomic-file.ts';

type Kept = { readonly version: number; readonly record: PartitionRecord };

/**
 * The records of the partitions, a JSON file each: `records/PARTITION.json` with a version that grows. Compare-and-set
 * as the API server does it by resourceVersion; between two operators on one folder (there should never be two) it
 * is the file's version, read again right before writing, that tells.
 */
export class RecordFileStore implements RecordStore {
  readonly #folder: string;
  /** Saves of one partition follow one another, or two of them could read the same version. */
  readonly #turns = new Map<PartitionName, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(partition: PartitionName): Promise<StoredRecord | null> {
    const kept = await this.#read(partition);
    return kept === null ? null : { record: kept.record, version: String(kept.version) };
  }

  async save(
    partition: PartitionName,
    record: PartitionRecord,
    expected: string | null,
  ): Promise<{ readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: 'conflict' }> {
    const before = this.#turns.get(partition) ?? Promise.resolve();
    const turn = settled(before).then(() => this.#compareAndSet(partition, record, expected));
    this.#turns.set(partition, turn);
    return await turn;
  }

  async #compareAndSet(
    partition: PartitionName,
    record: PartitionRecord,
    expected: string | null,
  ): Promise<{ readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: 'conflict' }> {
    const current = await this.#read(partition);
    const found = current === null ? null : String(current.version);
    if (found !== expected) return { ok: false, reason: 'conflict' };
    const next: Kept = { version: (current?.version ?? 0) + 1, record };
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFileAtomically(this.#file(partition), `${JSON.stringify(next, null, 2)}\n`);
    return { ok: true, version: String(next.version) };
  }

  async #read(partition: PartitionName): Promise<Kept | null> {
    const text = await readFileIfPresent(this.#file(partition));
    // Written by ourselves, whole or not at all: a file that is no JSON is a damaged disk, and no reason to begin anew.
    return text === null ? null : (JSON.parse(text) as Kept);
  }

  #file(partition: PartitionName): string {
    return join(this.#folder, `${partition}.json`);
  }
}
