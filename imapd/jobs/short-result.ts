/** What a kubelet keeps of a termination message, in octets; of a longer one it keeps the end. */
const MOST_OCTETS = 4096;
const ELLIPSIS = '…';

/** The result as JSON; one that is too long without its longest fields, until it fits. */
export function shortResult(result: unknown): string {
  const text = JSON.stringify(result) ?? 'null';
  if (Buffer.byteLength(text) <= MOST_OCTETS) return text;
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return 'null';
  const fields = Object.entries(result);
  const [longest] = fields.toSorted(([, a], [, b]) => lengthOf(b) - lengthOf(a));
  return shortResult(Object.fromEntries(fields.filter(([name]) => name !== longest?.[0])));
}

/** The beginning: what follows is detail. */
export function shortReason(reason: string): string {
  if (Buffer.byteLength(reason) <= MOST_OCTETS) return reason;
  const octets = Buffer.from(reason).subarray(0, MOST_OCTETS - Buffer.byteLength(ELLIPSIS));
  // A character that was cut through decodes to U+FFFD, which is no shorter.
  return `${octets.toString('utf8').replace(/\uFFFD+$/, '')}${ELLIPSIS}`;
}

const lengthOf = (value: unknown): number => (JSON.stringify(value) ?? '').length;
