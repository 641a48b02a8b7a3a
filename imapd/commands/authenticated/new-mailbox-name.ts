/** UTF-8 octets of one level: what file systems, backups and other servers can hold too. */
const LEVEL_LIMIT = 255;
/** Levels of one mailbox name. */
const DEPTH_LIMIT = 32;

/**
 * Why a mailbox may not be given this name (UTF-8, levels separated by '/'); null where it may. Length of the whole and
 * control characters are the parser's business.
 */
export function faultOfNewName(name: string): string | null {
  const levels = name.split('/');
  if (levels.some((level) => level === '')) return 'A level of a mailbox name is not empty';
  if (levels.length > DEPTH_LIMIT) return `A mailbox name has at most ${DEPTH_LIMIT} levels`;
  if (levels.some((level) => Buffer.byteLength(level) > LEVEL_LIMIT)) {
    return `A level of a mailbox name has at most ${LEVEL_LIMIT} octets`;
  }
  // Half a surrogate pair has no UTF-8: it could be made, but never found again.
  if (!name.isWellFormed()) return 'A mailbox name is well-formed Unicode';
  // RFC 6855, 3.
  if (/[\u2028\u2029]/.test(name)) return 'A mailbox name holds no separators of lines or paragraphs';
  // RFC 3501, 5.1: such a name could not be listed alone.
  return /[*%]/.test(name) ? 'A mailbox name holds no * and no %' : null;
}
