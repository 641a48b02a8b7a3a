const NUL = 0x00;
const IN_ITS_PLACE = 0x80;

/**
 * A literal carries every octet but NUL (RFC 3501, 9: CHAR8), and clients written in C end their strings there. In its place
 * stands 0x80, as in Dovecot, so that sizes and offsets stay; BINARY[…] tells the octets as they are. The same buffer where
 * there is no NUL: others may be reading it.
 */
export function withoutNul(octets: Buffer): Buffer {
  let at = octets.indexOf(NUL);
  if (at < 0) return octets;
  const replaced = Buffer.from(octets);
  for (; at >= 0; at = replaced.indexOf(NUL, at + 1)) replaced[at] = IN_ITS_PLACE;
  return replaced;
}
