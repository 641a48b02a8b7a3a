import type { MimeLimits } from '../mime/limits.ts';
import type { QuotaLimits } from './quota.ts';

/** What the configuration says that a store may take in, and keep beside it. */
export type StoreLimits = {
  readonly mime?: MimeLimits;
  readonly limits?: QuotaLimits;
  readonly annotationOctets?: number | null;
  /** Whether signatures of texts are kept for SEARCH; absent: no. */
  readonly searchSignatures?: boolean;
};
