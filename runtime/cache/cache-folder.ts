import { isAbsolute, join } from 'node:path';

/** Names another folder for the built programs. */
export const CACHE_VARIABLE = 'IMAPCLUSTER_CACHE';

/** Where programs are kept between runs: IMAPCLUSTER_CACHE, else the user's cache folder (XDG Base Directory Specification). */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  const own = environment[CACHE_VARIABLE];
  if (own !== undefined && own !== '') return own;
  const xdg = environment.XDG_CACHE_HOME;
  // The specification says to ignore a relative path.
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.cache');
  return join(base, 'imapcluster');
}

/** Root's own folders are closed to the users that servers run as: what these need is in a place for all (FHS 3.0, 5.5). */
export function sharedCacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  who: { readonly uid: number | undefined; readonly home: string },
): string {
  const own = environment[CACHE_VARIABLE];
  const ofRoot = who.uid === 0 && (own === undefined || own === '');
  return ofRoot ? '/var/cache/imapcluster' : cacheFolder(environment, who.home);
}
