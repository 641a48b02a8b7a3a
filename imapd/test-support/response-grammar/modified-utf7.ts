/**
 * Whether a mailbox name is what RFC 3501, 5.1.3, allows: printable US-ASCII, everything else in runs of BASE64 of UTF-16,
 * each run as long as it can be, without superfluous bits and without what stands for itself.
 */
export function isModifiedUtf7(name: string): boolean {
  if (/[^\x20-\x7e]/.test(name)) return false;
  // "null shifts" would be two spellings of one name.
  if (/&[^-]+-&[^-]/.test(name)) return false;
  return name.replace(/&([^-]*)-/g, (_, run: string) => (run === '' || isRun(run) ? '' : '&')).includes('&') === false;
}

function isRun(run: string): boolean {
  if (!/^[A-Za-z0-9+,]+$/.test(run)) return false;
  const octets = Buffer.from(run.replaceAll(',', '/'), 'base64');
  const again = octets.toString('base64').replace(/=+$/, '').replaceAll('/', ',');
  if (again !== run || octets.length % 2 !== 0) return false;
  const text = octets.swap16().toString('utf16le');
  return text.isWellFormed() && !/[\x20-\x7e]/.test(text);
}
