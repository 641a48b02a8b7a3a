/** PostgreSQL log sequence numbers, `X/Y` in hexadecimal: a position in bytes since the cluster began. */
export function lsnToBigInt(lsn: string): bigint {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(lsn);
  if (match === null) throw new RangeError(`not a log sequence number: ${JSON.stringify(lsn)}`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** The way PostgreSQL writes a position. */
export function bigIntToLsn(position: bigint): string {
  const hex = (half: bigint): string => half.toString(16).toUpperCase();
  return `${hex(position >> 32n)}/${hex(position & 0xffff_ffffn)}`;
}

/** Negative, zero or positive as `a` lies before, at or after `b`. */
export function compareLsn(a: string, b: string): number {
  const difference = lsnToBigInt(a) - lsnToBigInt(b);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}
