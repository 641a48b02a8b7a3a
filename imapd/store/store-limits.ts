import type { MimeLimits } from '../mime/limits.ts';
import type { QuotaLimits } from './quota.ts';

/** What the configuration says that a store may take in. */
export type StoreLimits = {
  readonly mime?: MimeLimits;
  readonly limits?: QuotaLimits;
  readonly annotationOctets?: number | null;
};
