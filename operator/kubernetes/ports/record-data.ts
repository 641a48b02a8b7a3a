import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { allErrors } from '#runtime/all-errors.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import { RecordSchema } from './record-schema.ts';

/** Keys of a record's ConfigMap. */
export const RECORD_FILE = 'record.json';
export const CHECKSUM = 'sha256';

/** `revision` grows by one with each write; it is what tells a later record from an earlier one. */
const Kept = Type.Object({ revision: Type.Integer({ minimum: 1 }), record: RecordSchema });

export type ReadRecord =
  | { readonly ok: true; readonly revision: number; readonly record: PartitionRecord }
  | { readonly ok: false; readonly problem: string };

/** A ConfigMap holds a megabyte: values, and the names of the keys. */
export const MOST_OCTETS = 1024 * 1024;
const MOST_MISTAKES = 3;

/**
 * `data` of a record's ConfigMap. In several lines, for people who look at it; with a checksum, so that what somebody has
 * edited is not taken for what an operator has decided.
 *
 * @throws RangeError where it is more than a ConfigMap can hold
 */
export function recordData(revision: number, record: PartitionRecord): Readonly<Record<string, string>> {
  const text = `${JSON.stringify({ revision, record }, null, 2)}\n`;
  const data = { [RECORD_FILE]: text, [CHECKSUM]: checksumOf(text) };
  const octets = Object.entries(data).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
  if (octets > MOST_OCTETS)
    throw new RangeError(`the record has ${octets} octets; a ConfigMap holds ${MOST_OCTETS} at most`);
  return data;
}

/** Checks checksum, shape, and what must hold between epochs. Without a checksum it is a person's, who took it away. */
export function readRecordData(data: Readonly<Record<string, string>> | undefined): ReadRecord {
  const text = data?.[RECORD_FILE];
  if (text === undefined) return { ok: false, problem: `it has no ${RECORD_FILE}` };
  const checksum = data?.[CHECKSUM];
  if (checksum !== undefined && checksum !== checksumOf(text))
    return { ok: false, problem: `${RECORD_FILE} is not what the operator wrote (its checksum does not fit)` };
  const value = parsed(text);
  if (!Value.Check(Kept, value)) return { ok: false, problem: `${RECORD_FILE} is damaged: ${mistakesIn(value)}` };
  const wrong = contradiction(value);
  if (wrong !== null) return { ok: false, problem: `${RECORD_FILE} contradicts itself: ${wrong}` };
  const { revision, record } = value;
  return { ok: true, revision, record };
}

const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // To the schema it is a value of the wrong kind.
    return undefined;
  }
}

function mistakesIn(value: unknown): string {
  if (value === undefined) return 'it is not JSON';
  const mistakes = allErrors(Kept, value).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
  return [...new Set(mistakes)].slice(0, MOST_MISTAKES).join('; ');
}

/** The record's `epoch` is the highest that was ever used. */
function contradiction({ record }: Static<typeof Kept>): string | null {
  const { epoch, servedEpoch, operation, target } = record;
  const used = { servedEpoch, 'operation.epoch': operation?.epoch ?? 0, 'target.epoch': target?.epoch ?? 0 };
  const beyond = Object.entries(used).find(([, value]) => value > epoch);
  return beyond === undefined ? null : `${beyond[0]} ${beyond[1]} is above epoch ${epoch}`;
}
