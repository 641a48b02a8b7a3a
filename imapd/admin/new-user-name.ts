import { canonicalUser } from '#contract/placement.ts';
import { namesUser } from '../acl/identifiers.ts';
import { SEPARATOR } from '../acl/separator.ts';
import { saslPrep } from '../auth/scram/sasl-prep.ts';
import { Problem } from './problem.ts';

/**
 * The one spelling of a name that a new user may have: one by which access control lists and the names of shared mailboxes mean
 * this user and nothing else (RFC 4314, 2 and 3). @throws Problem 400 BadRequest
 */
export function newUserName(given: string): string {
  const name = canonicalUser(given);
  const prepared = canonicalUser(saslPrep(name));
  if (prepared !== name) {
    throw refused(name, `mail programs write it ${JSON.stringify(prepared)} when they sign in (SASLprep); use that`);
  }
  if (!namesUser(name)) {
    throw refused(name, 'access control lists mean something else by "anyone" and by what begins with - or $');
  }
  if (name.includes(SEPARATOR)) throw refused(name, `${SEPARATOR} parts the levels of the names of mailboxes`);
  return name;
}

const refused = (name: string, why: string): Problem =>
  new Problem(400, 'BadRequest', `a user cannot have the name ${JSON.stringify(name)}: ${why}`);
