import type { List, Lsub } from '../command.ts';
import type { ListReturn, ListSelection } from '../list-options.ts';
import type { StatusItem } from '../status-item.ts';
import type { Cursor } from './cursor.ts';
import { pattern, reference } from './mailbox.ts';
import { statusItems } from './mailbox-commands.ts';
import { entryList } from './metadata.ts';

const SELECTIONS = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'] as const;
const RETURNS = ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'STATUS', 'METADATA', 'MYRIGHTS'] as const;
const OPTIONS = { of: 'LIST options', most: 16 };

/** LIST [(selection)] reference pattern [RETURN (…)]: RFC 3501, 6.3.8; RFC 5258; RFC 5819; RFC 6154. */
export function list(cursor: Cursor): List {
  cursor.space();
  const selects = cursor.next === '(';
  const selection = selects ? selectionOptions(cursor) : NO_SELECTION;
  const base = reference(cursor);
  cursor.space();
  const several = cursor.next === '(';
  const patterns = several ? patternList(cursor) : [pattern(cursor)];
  const asks = cursor.more();
  const returns = asks ? returnOptions(cursor) : NO_RETURN;
  // Selecting by an attribute asks for it as well (RFC 5258, 3.1; RFC 6154, 2).
  const { subscribed, specialUse } = selection;
  const told = {
    ...returns,
    subscribed: subscribed || returns.subscribed,
    specialUse: specialUse || returns.specialUse,
  };
  return { name: 'LIST', reference: base, patterns, selection, returns: told, extended: selects || several || asks };
}

const NO_SELECTION: ListSelection = { subscribed: false, remote: false, recursiveMatch: false, specialUse: false };
const NO_RETURN: ListReturn = {
  subscribed: false,
  children: false,
  specialUse: false,
  status: null,
  metadata: null,
  myRights: false,
};

function selectionOptions(cursor: Cursor): ListSelection {
  const options = cursor.list(() => cursor.oneOf(SELECTIONS, 'a LIST selection option'), OPTIONS);
  const recursiveMatch = options.includes('RECURSIVEMATCH');
  // RECURSIVEMATCH says how another option is to be met (RFC 5258, 3.1).
  if (recursiveMatch && !options.includes('SUBSCRIBED') && !options.includes('SPECIAL-USE')) {
    cursor.fail('a selection option beside RECURSIVEMATCH and REMOTE');
  }
  cursor.space();
  return {
    subscribed: options.includes('SUBSCRIBED'),
    remote: options.includes('REMOTE'),
    recursiveMatch,
    specialUse: options.includes('SPECIAL-USE'),
  };
}

function patternList(cursor: Cursor): string[] {
  const patterns = cursor.list(() => pattern(cursor), { of: 'patterns', most: cursor.limits.listPatterns });
  return patterns.length > 0 ? patterns : cursor.fail('a mailbox pattern');
}

function returnOptions(cursor: Cursor): ListReturn {
  cursor.oneOf(['RETURN'], 'return options');
  cursor.space();
  let status: readonly StatusItem[] | null = null;
  let metadata: readonly string[] | null = null;
  const option = () => {
    const name = cursor.oneOf(RETURNS, 'a LIST return option');
    if (name === 'STATUS') {
      cursor.space();
      status = statusItems(cursor);
    }
    if (name === 'METADATA') {
      cursor.space();
      metadata = [...new Set(entryList(cursor))];
    }
    return name;
  };
  const options = cursor.list(option, OPTIONS);
  return {
    subscribed: options.includes('SUBSCRIBED'),
    children: options.includes('CHILDREN'),
    specialUse: options.includes('SPECIAL-USE'),
    status,
    metadata,
    myRights: options.includes('MYRIGHTS'),
  };
}

/** LSUB reference pattern: RFC 3501, 6.3.9. */
export function lsub(cursor: Cursor): Lsub {
  cursor.space();
  const base = reference(cursor);
  cursor.space();
  return { name: 'LSUB', reference: base, pattern: pattern(cursor) };
}
