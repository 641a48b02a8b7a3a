import { type Completion, no } from '../completion.ts';

/** RFC 9208, 4.3.1: what was to be added did not go in, nor any part of it. */
export const overQuota: Completion = no(
  'There is no room for it: the limit of what may be stored is reached',
  'OVERQUOTA',
);
