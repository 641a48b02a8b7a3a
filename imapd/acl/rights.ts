import type { AclEntries } from '../store/acl.ts';

/** The rights of RFC 4314, 2.1, in the order in which they are told. */
export const RIGHTS = ['l', 'r', 's', 'w', 'i', 'p', 'k', 'x', 't', 'e', 'a'] as const;
export type Right = (typeof RIGHTS)[number];
export type Rights = ReadonlySet<Right>;

/** What the owner of a mailbox has, whatever its ACL says: nobody is locked out of his own mail, and nothing is looked up. */
export const EVERY_RIGHT: Rights = new Set(RIGHTS);

/** RFC 4314, 2.1.1: what was one right in RFC 2086. */
const VIRTUAL: Readonly<Record<string, string>> = { c: 'kx', d: 'te' };

/** Rights as a client writes them, `c` and `d` among them, as letters of `RIGHTS`, each once; null: one is not known. */
export function expandRights(written: string): string | null {
  const letters = [...written].flatMap((letter) => [...(VIRTUAL[letter] ?? letter)]);
  const known = RIGHTS.filter((right) => letters.includes(right));
  return letters.every((letter) => RIGHTS.some((right) => right === letter)) ? known.join('') : null;
}

/** As they are told: with `c` and `d` where a member of them is there (RFC 4314, 2.1.1). */
export function rightsText(rights: Iterable<string>): string {
  const has = new Set(rights);
  const virtual = Object.entries(VIRTUAL).flatMap(([name, members]) =>
    [...members].some((member) => has.has(member)) ? [name] : [],
  );
  return [...RIGHTS.filter((right) => has.has(right)), ...virtual].join('');
}

/** All that the entries of somebody's identifiers grant together, less all that they take away. */
export function effectiveRights(entries: AclEntries): Rights {
  const together = (negative: boolean): string =>
    Object.entries(entries)
      .filter(([identifier]) => identifier.startsWith('-') === negative)
      .map(([, rights]) => rights)
      .join('');
  const [granted, taken] = [together(false), together(true)];
  return new Set(RIGHTS.filter((right) => granted.includes(right) && !taken.includes(right)));
}
