import type { Depth } from '../../store/annotations.ts';
import type { MetadataPolicy } from './metadata-policy.ts';

/** Shared annotations of the server that a client asks for: the cluster's words, which clients cannot change (RFC 5464, 6.2). */
export function serverEntries(
  { comment, admin }: Pick<MetadataPolicy, 'comment' | 'admin'>,
  { entries, depth }: { readonly entries: readonly string[]; readonly depth: Depth },
): readonly (readonly [string, Buffer])[] {
  const all = Object.entries({ '/shared/admin': admin, '/shared/comment': comment });
  return all.flatMap(([name, text]) =>
    text !== null && entries.some((entry) => isWithin(name, entry, depth)) ? [[name, Buffer.from(text)] as const] : [],
  );
}

function isWithin(name: string, entry: string, depth: Depth): boolean {
  if (name === entry) return true;
  if (depth === 0 || !name.startsWith(`${entry}/`)) return false;
  return depth === 'infinity' || !name.slice(entry.length + 1).includes('/');
}
