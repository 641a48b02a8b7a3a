import { isAbsolute, join } from 'node:path';

/**
 * Where a cluster lives unless --state says otherwise: below the user's state folder (XDG Base Directory Specification).
 * @param name of the command, for `npm run cluster` and `npm run e2e` do not disturb each other
 */
export function defaultClusterFolder(
  name: 'cluster' | 'e2e',
  { environment, home }: { readonly environment: Readonly<Record<string, string | undefined>>; readonly home: string },
): string {
  const xdg = environment.XDG_STATE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'state');
  return join(base, 'imapcluster', name);
}
