import { createHash } from 'node:crypto';

const LENGTH = 16;

/** A short hash of a value, the same whatever the order in which its fields were written. For annotations. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, sortedFields)).digest('hex').slice(0, LENGTH);

const sortedFields = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
