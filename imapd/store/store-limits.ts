import type { MimeLimits } from '../mime/limits.ts';
import type { QuotaLimits } from './quota.ts';
import type { Dropped } from './signatures/dropped-signatures.ts';

/** What the configuration says that a store may take in, and keep beside it; and who is told of what it does not keep. */
export type StoreLimits = {
  readonly mime?: MimeLimits;
  readonly limits?: QuotaLimits;
  readonly annotationOctets?: number | null;
  /** Whether signatures of texts are kept for SEARCH; absent: no. */
  readonly searchSignatures?: boolean;
  readonly onSignaturesDropped?: (dropped: Dropped) => void;
};
