const MEBIBYTE = 1024 ** 2;
/** Of the volume: a server's log and what replicas that are away need of it (`managed.retainedLog`) leave three quarters to mail. */
const SHARE = 8;
/** PostgreSQL takes no less: two segments. */
const LEAST_MEBIBYTES = 32;
const MOST_MEBIBYTES = 1024;
const USUAL = { min_wal_size: 80, wal_keep_size: 64 } as const;

/**
 * What a server keeps of its log for itself, by the size of the file system that its data is on, in bytes: on a small one the settings of
 * a large one would fill it. `max_wal_size` is an eighth, from 32 MB to 1 GB, and nothing else is more than that.
 */
export function logSettings(volumeBytes: number): Record<string, string> {
  const share = Math.floor(volumeBytes / SHARE / MEBIBYTE);
  const most = Math.min(Math.max(share, LEAST_MEBIBYTES), MOST_MEBIBYTES);
  const rest = Object.entries(USUAL).map(([name, usual]) => [name, `${Math.min(usual, most)}MB`] as const);
  return { max_wal_size: `${most}MB`, ...Object.fromEntries(rest) };
}
