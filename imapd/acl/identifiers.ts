import { canonicalUser } from '#contract/placement.ts';
import { LONGEST_USER_NAME } from '#contract/users-api.ts';
import { saslPrep } from '../auth/scram/sasl-prep.ts';

/** RFC 4314, 2: everybody who signs in. */
const ANYONE = 'anyone';

/** The entries of an ACL that concern a user, by canonical name: those that grant, and those that take away. */
export const identifiersOf = (user: string): readonly string[] => [user, ANYONE, `-${user}`, `-${ANYONE}`];

/** Can an ACL name this user? A name that begins with `-` or `$`, or is `anyone`, means something else there. */
export const namesUser = (user: string): boolean => !/^[-$]/.test(user) && user !== ANYONE;

/** Names of groups, as in RFC 4314, 3.2. There are none yet; a name that begins so is kept for them. */
export const isGroup = (identifier: string): boolean => /^-?\$/.test(identifier);

/** Is it granted to everybody? */
export const isEverybody = (identifier: string): boolean => identifier === ANYONE;

/** The user that an identifier is of, also where it takes away. */
export const userOf = (identifier: string): string => identifier.replace(/^-/, '');

/** The one spelling of an identifier (RFC 4314, 3); null where it is none. */
export function canonicalIdentifier(given: string): string | null {
  const negative = given.startsWith('-');
  const name = canonicalUser(saslPrep(negative ? given.slice(1) : given));
  const wellFormed = name !== '' && name.length <= LONGEST_USER_NAME && !/\p{Cc}/u.test(name) && name.isWellFormed();
  return wellFormed ? `${negative ? '-' : ''}${name}` : null;
}
