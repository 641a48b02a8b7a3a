/**
 * Message numbers or UIDs as a sequence-set that keeps their order: `5,3:4,1`. A range stands where numbers follow upon one
 * another; whoever reads it counts upwards, so that what goes down is written out (RFC 5267, 3.2).
 */
export function orderedSet(ids: readonly number[]): string {
  const ranges: string[] = [];
  let first = 0;
  for (const [i, id] of ids.entries()) {
    if (ids[i + 1] === id + 1) continue;
    ranges.push(i === first ? `${id}` : `${ids[first]}:${id}`);
    first = i + 1;
  }
  return ranges.join(',');
}
