import { hash } from 'node:crypto';
import type { OperationId } from '../types.ts';

const UUID_HEX = 32;

/**
 * The id of one step of a larger operation: the same step of the same operation gives the same id on every try (a UUID of
 * version 8, RFC 9562 5.8).
 */
export function derivedOperation(operation: string, step: string): OperationId {
  const digest = hash('sha256', `${operation} ${step}`, 'hex').slice(0, UUID_HEX);
  const versioned = `${digest.slice(0, 12)}8${digest.slice(13, 16)}8${digest.slice(17)}`;
  return versioned.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as OperationId;
}
