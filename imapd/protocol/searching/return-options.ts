import type { FetchItem } from '../fetch-item.ts';
import type { ResultRange } from '../sets/result-range.ts';

/** RFC 4731, 3.1; RELEVANCY: RFC 6203, 4. */
export type SearchReturn = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | 'RELEVANCY';

/** `RETURN (…)` of a searching command (RFC 4466, 2.6.1). `RETURN ()` means `ALL`. */
export interface ReturnOptions {
  /** Without repetitions. Empty, and no `partial`: nothing is told at once. */
  readonly items: readonly SearchReturn[];
  /** RFC 5182: `$` becomes what is found. */
  readonly save: boolean;
  /** UPDATE (RFC 5267, 4.3): what changes of the results is told from now on. */
  readonly update: boolean;
  /** What is told of messages that arrive and are found (RFC 5465, 7); empty: only that they are. */
  readonly updateFetch: readonly FetchItem[];
  /** CONTEXT (RFC 5267, 4.2): more such searches will follow. Nothing is made of it. */
  readonly context: boolean;
  /** RFC 9394: only these results are told. Never with ALL. */
  readonly partial: ResultRange | null;
}
