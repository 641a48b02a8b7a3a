import type { Epoch } from '#contract/names.ts';
import type { MemberEndpoint } from '#contract/routing-document.ts';

/**
 * The time during which one member is the writer of a repository: from the document that names it to the document that
 * does not. A writer that is suspected, or refuses us for a while, is still the writer.
 */
export type Term = {
  readonly epoch: Epoch;
  readonly writer: string;
  readonly endpoint: MemberEndpoint;
  /**
   * Fires when a newer document ends the term. Statements under way are abandoned then, and the answer to a COMMIT
   * that comes later is worth nothing: the member may have been deposed before it committed.
   */
  readonly over: AbortSignal;
};
