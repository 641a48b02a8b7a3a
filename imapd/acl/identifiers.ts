import { canonicalUser } from '#contract/placement.ts';
import { LONGEST_USER_NAME } from '#contract/users-api.ts';
import { saslPrep } from '../auth/scram/sasl-prep.ts';

/** RFC 4314, 2: everybody who signs in. */
const ANYONE = 'anyone';
/** RFC 4314 leaves it to servers how groups are written; Dovecot's IMAP, and programs that know it, write them so. */
const GROUP = '$';

/**
 * The entries of an ACL that concern a user of canonical name, who is in these groups (as `groupIdentifier` writes them): those that
 * grant, and those that take away.
 */
export function identifiersOf(user: string, groups: readonly string[] = []): readonly string[] {
  const granting = [...(namesUser(user) ? [user] : []), ...groups, ANYONE];
  return [...granting, ...granting.map((identifier) => `-${identifier}`)];
}

/** Can an ACL name this user? A name that begins with `-` or `$`, or is `anyone`, means something else there. */
export const namesUser = (user: string): boolean => !/^[-$]/.test(user) && user !== ANYONE;

/** The identifier of a group, as a record or a token names it; null: that is no name of a group. */
export const groupIdentifier = (group: string): string | null => canonicalIdentifier(`${GROUP}${group}`);

/** Is it a group that an identifier is of, also where it takes away? */
export const isGroup = (identifier: string): boolean => userOf(identifier).startsWith(GROUP);

/** Is it granted to everybody? */
export const isEverybody = (identifier: string): boolean => identifier === ANYONE;

/** The user that an identifier is of, also where it takes away. */
export const userOf = (identifier: string): string => identifier.replace(/^-/, '');

/** The one spelling of an identifier (RFC 4314, 3); null where it is none. */
export function canonicalIdentifier(given: string): string | null {
  const negative = given.startsWith('-');
  const name = canonicalUser(saslPrep(negative ? given.slice(1) : given));
  const named = name !== '' && name !== GROUP;
  const wellFormed = named && name.length <= LONGEST_USER_NAME && !/\p{Cc}/u.test(name) && name.isWellFormed();
  return wellFormed ? `${negative ? '-' : ''}${name}` : null;
}
