import type { ManagedObject } from './caches/managed-object.ts';

/** A member's: pods of jobs belong to a partition too. */
export const isDatabasePod = ({ metadata }: ManagedObject): boolean =>
  metadata.labels?.['app.kubernetes.io/component'] === 'database';
