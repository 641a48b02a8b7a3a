import { delimiter } from 'node:path';

/**
 * The PATH of what finds its helpers by name: containerd its shim, kube-proxy nft. The administrator's folders come along, for
 * a user's PATH leaves them out on Debian.
 */
export function searchPath(folders: readonly string[], path = process.env.PATH ?? ''): string {
  const known = path.split(delimiter);
  const further = ['/usr/sbin', '/sbin'].filter((folder) => !known.includes(folder));
  return [...folders, ...known, ...further].join(delimiter);
}
