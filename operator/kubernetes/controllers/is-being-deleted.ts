import type { ApiObject } from '../api/resource.ts';

/** Whether its deletion was asked for. Nothing new is made for it from then on. */
export function isBeingDeleted({ metadata }: ApiObject): boolean {
  return 'deletionTimestamp' in metadata && metadata.deletionTimestamp !== undefined;
}
