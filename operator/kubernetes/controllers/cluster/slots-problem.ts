import { type Placement, SLOT_COUNT } from '#contract/routing-document.ts';
import { gapsOf } from '#crds/slot-range.ts';

const MOST_SHOWN = 5;

/** Which slots nobody holds; null where every one is held, or there is no partition at all yet. */
export function slotsProblem({ slots }: Pick<Placement, 'slots'>): string | null {
  const gaps = slots.length === 0 ? [] : gapsOf(slots, SLOT_COUNT);
  if (gaps.length === 0) return null;
  const shown = gaps.slice(0, MOST_SHOWN).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const more = gaps.length > MOST_SHOWN ? ` and ${gaps.length - MOST_SHOWN} more` : '';
  return `no partition holds the slots ${shown.join(', ')}${more}: users in them have no mailbox`;
}
