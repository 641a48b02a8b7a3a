import type { ChangeAcl } from './acl.ts';

/** Rights of an entry after a change. Letters in one order, so that equal rights are equal texts. */
export function changedRights(had: string, mode: ChangeAcl['mode'], rights: string): string {
  const kept = mode === 'replace' ? '' : had;
  const letters = mode === 'remove' ? [...kept].filter((right) => !rights.includes(right)) : [...kept, ...rights];
  return [...new Set(letters)].sort().join('');
}
