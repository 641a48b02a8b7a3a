import type { Store } from '../store/store.ts';

/** Levels below which mailboxes are nobody's, each in the partition that the routing document says (`spec.holds.namespaces`). */
export type SharedNamespaces = {
  /** In order. */
  readonly names: readonly string[];
  /** Where the mailboxes below a level are; null: it is no such level. */
  of(level: string): Store | 'unavailable' | null;
};

export const NO_NAMESPACES: SharedNamespaces = { names: [], of: () => null };
