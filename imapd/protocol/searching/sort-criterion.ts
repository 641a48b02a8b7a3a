/** RFC 5256, BASE.6.4.SORT. */
export type BasicSortKey = 'ARRIVAL' | 'CC' | 'DATE' | 'FROM' | 'SIZE' | 'SUBJECT' | 'TO';
/** RFC 5957. */
export type DisplaySortKey = 'DISPLAYFROM' | 'DISPLAYTO';

/** What messages are sorted by; the next criterion counts where this one finds them equal. */
export interface SortCriterion {
  /** RELEVANCY: RFC 6203, 6; the highest comes first. */
  readonly key: BasicSortKey | DisplaySortKey | 'RELEVANCY';
  readonly reverse: boolean;
}

export const isDisplayKey = (key: SortCriterion['key']): key is DisplaySortKey =>
  key === 'DISPLAYFROM' || key === 'DISPLAYTO';
