import type { ResultRange } from './sets/result-range.ts';

/** RFC 4731, 3.1. */
export type SearchReturn = 'MIN' | 'MAX' | 'ALL' | 'COUNT';

/** `RETURN (…)` of a searching command (RFC 4466, 2.6.1). `RETURN ()` means `ALL`. */
export interface ReturnOptions {
  /** Without repetitions. Empty, and no `partial`: nothing is told, only saved. */
  readonly items: readonly SearchReturn[];
  /** RFC 5182: `$` becomes what is found. */
  readonly save: boolean;
  /** RFC 9394: only these results are told. Never with ALL. */
  readonly partial: ResultRange | null;
}
