import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import type { StoredRecord } from '../../ports.ts';
import type { KeptConfigMap, StoredConfigMap } from './kept-config-map.ts';
import { recordConfigMap } from './record-config-map.ts';
import { RECORD_FILE, readRecordData, recordData } from './record-data.ts';
import { RecordProblem } from './record-problem.ts';

export type KeptRecordOptions = {
  readonly map: KeptConfigMap;
  /** As last heard of. @throws RecordProblem where it is gone */
  readonly partition: () => MailboxPartition;
  /** Told when the ConfigMap was put right: what had become of it. */
  readonly onRestored: (what: string) => void;
};

export type Saved =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly reason: 'conflict' };

type Text = string | undefined;
/** `adopted`: our own write, whose answer we never got. `ours`: write again. `theirs`: another operator's. */
type Verdict = 'adopted' | 'ours' | 'theirs';

/** Somebody who changes it faster than we write it is not a person. */
const ATTEMPTS = 5;

/** The record of one partition. Its methods are called one after the other, never at once. */
export class KeptRecord {
  readonly #options: KeptRecordOptions;
  /** Of what we read or wrote last; 0: there was none. */
  #revision = 0;
  #text: Text;
  /** Sent, and no answer came: any of them may be what is there now. */
  readonly #unanswered = new Set<Text>();

  constructor(options: KeptRecordOptions) {
    this.#options = options;
  }

  /** @throws RecordProblem where what is there must not be acted on */
  async load(): Promise<StoredRecord | null> {
    const { map } = this.#options;
    const found = await map.read();
    this.#unanswered.clear();
    if (found === null) {
      this.#note(0, undefined);
      return null;
    }
    const leftover = this.#leftover(found);
    const read = readRecordData(found.data);
    if (leftover !== null || !read.ok) {
      // Nothing may be written on top of it.
      map.forget();
      throw leftover ?? new RecordProblem('damaged', advice(placeOf(found), read.ok ? '' : read.problem));
    }
    this.#note(read.revision, found.data?.[RECORD_FILE]);
    return { record: read.record, version: String(read.revision) };
  }

  async save(record: PartitionRecord, expected: string | null): Promise<Saved> {
    if (Number(expected ?? 0) !== this.#revision) return CONFLICT;
    const { map, partition } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const data = recordData(this.#revision + 1, record);
      const text = data[RECORD_FILE];
      const isFresh = !this.#unanswered.has(text);
      this.#unanswered.add(text);
      const outcome = await map.write(recordConfigMap(partition(), data));
      if (outcome === 'written') return this.#written(this.#revision + 1, text);
      if (isFresh) this.#unanswered.delete(text);
      const verdict = this.#judge(await map.read());
      if (verdict === 'theirs') {
        // Nothing may be written on top of it before it has been loaded.
        map.forget();
        return CONFLICT;
      }
      // The very write that is asked for, the last time without an answer.
      if (verdict === 'adopted' && recordData(this.#revision, record)[RECORD_FILE] === this.#text)
        return this.#written(this.#revision, this.#text);
    }
    throw new Error(`somebody else changes the record of ${partition().metadata.name} all the time`);
  }

  /** Whether it goes with the partition follows `reclaim`, also where nothing else is to be written. */
  async settleOwner(): Promise<void> {
    const { map, partition } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS && map.seen !== null; attempt += 1) {
      const desired = recordConfigMap(partition(), map.seen.data ?? {});
      const [wanted] = desired.metadata.ownerReferences ?? [];
      if (map.seen.metadata.ownerReferences?.[0]?.uid === wanted?.uid) return;
      if ((await map.write(desired)) === 'written') return;
      const found = await map.read();
      // More was written than labels: the next save finds out what, and takes care of the owner too.
      if (found?.data?.[RECORD_FILE] !== this.#text) map.forget();
    }
  }

  #judge(found: StoredConfigMap | null): Verdict {
    if (found === null) {
      if (this.#revision > 0) this.#options.onRestored('it had been deleted');
      return 'ours';
    }
    const text = found.data?.[RECORD_FILE];
    const read = readRecordData(found.data);
    const isFirst = this.#revision === 0;
    // What nobody can read, before we have written anything, is for people to look at: `load` says so.
    if (!read.ok && isFirst) return 'theirs';
    if (read.ok && this.#unanswered.has(text)) {
      this.#note(read.revision, text);
      return 'adopted';
    }
    if (read.ok && read.revision > this.#revision) return 'theirs';
    if (text !== this.#text || !read.ok) this.#options.onRestored(read.ok ? 'it had been edited' : read.problem);
    return 'ours';
  }

  #written(revision: number, text: Text): Saved {
    this.#note(revision, text);
    this.#unanswered.clear();
    return { ok: true, version: String(revision) };
  }

  #note(revision: number, text: Text): void {
    this.#revision = revision;
    this.#text = text;
  }

  /** What a partition of the same name left, that is gone with its volumes, is collected in a moment. */
  #leftover(found: StoredConfigMap): RecordProblem | null {
    const { deletionTimestamp, ownerReferences = [] } = found.metadata;
    const { uid } = this.#options.partition().metadata;
    const owner = ownerReferences.find(({ kind }) => kind === 'MailboxPartition');
    if (deletionTimestamp === undefined && (owner === undefined || owner.uid === uid)) return null;
    const what = `ConfigMap ${placeOf(found)} is an earlier partition's and about to be deleted`;
    return new RecordProblem('passing', `${what}; it goes on once that is done`);
  }
}

const placeOf = ({ metadata }: StoredConfigMap): string => `${metadata.namespace}/${metadata.name}`;
const CONFLICT: Saved = { ok: false, reason: 'conflict' };

const advice = (name: string, problem: string): string =>
  `the record of the partition, ConfigMap ${name}, cannot be used: ${problem}. Put back what was there before. If the ` +
  'edit is meant, remove the key sha256. Without any record the partition would be begun anew: do not delete it while ' +
  'there is mail in the volumes';
