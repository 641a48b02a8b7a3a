import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCES = '/etc/apt';
/** `URIs: URL` of the newer form, or `deb [options] URL` of the older one; of Debian itself, not of its security suite. */
const MIRROR = /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(\S+\/debian\/?)(?:\s|$)/m;

/** The mirror of Debian that this machine takes its packages from; null where it takes them from none. */
export async function debianMirror(): Promise<string | null> {
  const folder = join(SOURCES, 'sources.list.d');
  const names = await readdir(folder).catch((): string[] => []);
  for (const file of [join(SOURCES, 'sources.list'), ...names.toSorted().map((name) => join(folder, name))]) {
    const mirror = mirrorIn(await readFile(file, 'utf8').catch(() => ''));
    if (mirror !== null) return mirror;
  }
  return null;
}

/** Pure. */
export const mirrorIn = (sources: string): string | null => MIRROR.exec(sources)?.[1] ?? null;
