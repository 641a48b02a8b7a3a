import type {
  AppendLiteral,
  AppendStep,
  Command,
  Fetch,
  GetMetadata,
  List,
  Search,
  Select,
  Sort,
  Store,
} from '../command.ts';
import type { FetchItem } from '../fetch-item.ts';
import type { MailboxFilter } from '../mailbox-filter.ts';
import { encodeMailboxName } from '../mailbox-name.ts';
import type { Notify } from '../notify.ts';
import type { QuickResync } from '../quick-resync.ts';
import type { ReturnOptions } from '../searching/return-options.ts';
import type { SearchKey } from '../searching/search-key.ts';
import { type ResultRange, rangeText } from '../sets/result-range.ts';
import { sectionLabel } from '../syntax/section.ts';

/** A command as a client sends it: the other way of `parseCommand`, for tests. Literals are non-synchronising. */
export function encodeCommand(tag: string, command: Command): Buffer {
  return Buffer.from(`${tag} ${commandText(command)}`, 'latin1');
}

/** Octets of a Unicode string, as latin1. */
const octets = (text: string): string => Buffer.from(text).toString('latin1');

function string(text: string): string {
  const latin1 = octets(text);
  if (/[\r\n]/.test(latin1) || latin1.length % 7 === 3) return `{${latin1.length}+}\r\n${latin1}`;
  return `"${latin1.replace(/["\\]/g, '\\$&')}"`;
}

const nstring = (text: string | null): string => (text === null ? 'NIL' : string(text));
const mailbox = (name: string): string => string(encodeMailboxName(name));
const prefix = (uid: boolean): string => (uid ? 'UID ' : '');

function commandText(command: Command): string {
  switch (command.name) {
    case 'AUTHENTICATE': {
      const { mechanism, initialResponse } = command;
      const base64 = initialResponse === null ? '' : ` ${initialResponse.toString('base64') || '='}`;
      return `AUTHENTICATE ${mechanism}${base64}`;
    }
    case 'LOGIN':
      return `LOGIN ${string(command.user)} ${string(command.password)}`;
    case 'ENABLE':
      return `ENABLE ${command.capabilities.join(' ')}`;
    case 'ID': {
      const pairs = command.fields?.map(([name, value]) => `${string(name)} ${nstring(value)}`);
      return `ID ${pairs === undefined ? 'NIL' : `(${pairs.join(' ')})`}`;
    }
    case 'COMPRESS':
      return `COMPRESS ${command.mechanism}`;
    case 'SELECT':
    case 'EXAMINE':
      return selectText(command);
    case 'CREATE':
      return `CREATE ${mailbox(command.mailbox)}${command.uses === null ? '' : ` (USE (${command.uses.join(' ')}))`}`;
    case 'DELETE':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return `${command.name} ${mailbox(command.mailbox)}`;
    case 'RENAME':
      return `RENAME ${mailbox(command.from)} ${mailbox(command.to)}`;
    case 'LIST':
      return listText(command);
    case 'LSUB':
      return `LSUB ${mailbox(command.reference)} ${mailbox(command.pattern)}`;
    case 'STATUS':
      return `STATUS ${mailbox(command.mailbox)} (${command.items.join(' ')})`;
    case 'GETQUOTA':
      return `GETQUOTA ${string(command.root)}`;
    case 'GETQUOTAROOT':
      return `GETQUOTAROOT ${mailbox(command.mailbox)}`;
    case 'SETQUOTA':
      return `SETQUOTA ${string(command.root)} (${command.limits.map((pair) => pair.join(' ')).join(' ')})`;
    case 'GETMETADATA':
      return getMetadataText(command);
    case 'SETMETADATA': {
      const pairs = command.values.map(([entry, value]) => `${entry} ${value === null ? 'NIL' : literal8(value)}`);
      return `SETMETADATA ${annotated(command.mailbox)} (${pairs.join(' ')})`;
    }
    case 'SETACL': {
      const sign = { replace: '', add: '+', remove: '-' }[command.mode];
      return `SETACL ${mailbox(command.mailbox)} ${string(command.identifier)} ${string(sign + command.rights)}`;
    }
    case 'DELETEACL':
    case 'LISTRIGHTS':
      return `${command.name} ${mailbox(command.mailbox)} ${string(command.identifier)}`;
    case 'GETACL':
    case 'MYRIGHTS':
      return `${command.name} ${mailbox(command.mailbox)}`;
    case 'APPEND':
      return `APPEND ${mailbox(command.mailbox)}${stepsText(command.steps)}`;
    case 'REPLACE':
      return `${prefix(command.uid)}REPLACE ${command.set} ${mailbox(command.mailbox)}${stepsText(command.steps)}`;
    case 'EXPUNGE':
      return command.uids === null ? 'EXPUNGE' : `UID EXPUNGE ${command.uids}`;
    case 'SEARCH':
      return searchText(command);
    case 'ESEARCH':
      return `ESEARCH ${sourcesText(command.sources)}${programText(command)}`;
    case 'SORT':
      return sortText(command);
    case 'THREAD':
      return `${prefix(command.uid)}THREAD ${command.algorithm} UTF-8 ${keyText(command.key)}`;
    case 'NOTIFY':
      return notifyText(command);
    case 'CANCELUPDATE':
      return `CANCELUPDATE ${command.tags.map((tag) => `"${tag}"`).join(' ')}`;
    case 'FETCH':
      return fetchText(command);
    case 'STORE':
      return storeText(command);
    case 'COPY':
    case 'MOVE':
      return `${prefix(command.uid)}${command.name} ${command.set} ${mailbox(command.mailbox)}`;
    default:
      return command.name;
  }
}

function notifyText({ status, groups }: Notify): string {
  if (groups === null) return 'NOTIFY NONE';
  const texts = groups.map(({ filter, events }) => {
    const names = 'names' in filter ? ` (${filter.names.map(mailbox).join(' ')})` : '';
    return `(${filter.kind}${names} ${events.length === 0 ? 'NONE' : `(${events.join(' ')})`})`;
  });
  return `NOTIFY SET ${status ? 'STATUS ' : ''}${texts.join(' ')}`;
}

const annotated = (name: string | null): string => (name === null ? '""' : mailbox(name));
const literal8 = (value: Buffer): string => `~{${value.length}+}\r\n${value.toString('latin1')}`;

function getMetadataText({ mailbox: name, entries, maxSize, depth }: GetMetadata): string {
  const options = [...(maxSize === null ? [] : [`MAXSIZE ${maxSize}`]), ...(depth === 0 ? [] : [`DEPTH ${depth}`])];
  const before = options.length === 0 ? '' : `(${options.join(' ')}) `;
  return `GETMETADATA ${before}${annotated(name)} (${entries.join(' ')})`;
}

function selectText({ name, mailbox: chosen, condstore, qresync }: Select): string {
  const parameters = [...(condstore ? ['CONDSTORE'] : []), ...(qresync === null ? [] : [qresyncText(qresync)])];
  return `${name} ${mailbox(chosen)}${parameters.length === 0 ? '' : ` (${parameters.join(' ')})`}`;
}

function qresyncText({ uidValidity, modSeq, uids, match }: QuickResync): string {
  const known = [`${uidValidity} ${modSeq}`, ...(uids === null ? [] : [`${uids}`])];
  return `QRESYNC (${[...known, ...(match === null ? [] : [`(${match.numbers} ${match.uids})`])].join(' ')})`;
}

function listText({ selection, reference, patterns, returns }: List): string {
  const chosen = [
    selection.subscribed ? 'SUBSCRIBED' : '',
    selection.remote ? 'REMOTE' : '',
    selection.recursiveMatch ? 'RECURSIVEMATCH' : '',
    selection.specialUse ? 'SPECIAL-USE' : '',
  ].filter((option) => option !== '');
  const told = [
    returns.subscribed ? 'SUBSCRIBED' : '',
    returns.children ? 'CHILDREN' : '',
    returns.specialUse ? 'SPECIAL-USE' : '',
    returns.status === null ? '' : `STATUS (${returns.status.join(' ')})`,
    returns.metadata === null ? '' : `METADATA (${returns.metadata.join(' ')})`,
    returns.myRights ? 'MYRIGHTS' : '',
  ].filter((option) => option !== '');
  const options = chosen.length === 0 ? '' : `(${chosen.join(' ')}) `;
  const tail = told.length === 0 ? '' : ` RETURN (${told.join(' ')})`;
  const [only] = patterns;
  const names = patterns.length === 1 && only !== undefined ? mailbox(only) : `(${patterns.map(mailbox).join(' ')})`;
  return `LIST ${options}${mailbox(reference)} ${names}${tail}`;
}

function stepsText(steps: readonly AppendStep[]): string {
  let text = '';
  let open = false;
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'message') {
      const list = step.flags.length === 0 ? '' : `(${step.flags.join(' ')}) `;
      const date = step.internalDate === null ? '' : `"${dateTime(step.internalDate)}" `;
      text += `${open ? ')' : ''} ${list}${date}${step.catenated ? 'CATENATE (' : ''}`;
      open = step.catenated;
    } else {
      text += steps[at - 1]?.kind === 'message' ? '' : ' ';
      text += step.kind === 'url' ? `URL "${step.url.replaceAll('"', '\\"')}"` : literalText(step);
    }
  }
  return open && steps.at(-1)?.kind !== 'literal' ? `${text})` : text;
}

function literalText({ place, size, binary }: AppendLiteral): string {
  const word = { message: '', utf8: 'UTF8 (', text: 'TEXT ', utf8Text: 'UTF8 (', url: 'URL ' }[place];
  return `${word}${binary ? '~' : ''}{${size}}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dateTime(date: Date): string {
  const iso = date.toISOString();
  return `${imapDay(iso.slice(0, 10)).padStart(11, ' ')} ${iso.slice(11, 19)} +0000`;
}

function imapDay(day: string): string {
  const [year, month, date] = day.split('-');
  return `${Number(date)}-${MONTHS[Number(month) - 1]}-${year}`;
}

function searchText({ uid, returns, key }: Search): string {
  return `${prefix(uid)}SEARCH ${programText({ returns, key })}`;
}

const programText = ({ returns, key }: Pick<Search, 'returns' | 'key'>): string =>
  `${returnText(returns)}CHARSET UTF-8 ${keyText(key)}`;

function sourcesText(sources: readonly MailboxFilter[] | null): string {
  if (sources === null) return '';
  const texts = sources.map((source) => {
    if (!('names' in source)) return source.kind;
    const [only] = source.names;
    const names =
      source.names.length === 1 && only !== undefined ? mailbox(only) : `(${source.names.map(mailbox).join(' ')})`;
    return `${source.kind} ${names}`;
  });
  return `IN (${texts.join(' ')}) `;
}

function returnText(returns: ReturnOptions | null): string {
  if (returns === null) return '';
  const { items, save, update, context, partial } = returns;
  const flags = [save ? 'SAVE' : '', update ? 'UPDATE' : '', context ? 'CONTEXT' : ''].filter((flag) => flag !== '');
  const options = [...items, ...flags, ...(partial === null ? [] : [partialText(partial)])];
  return `RETURN (${options.join(' ')}) `;
}

const partialText = (range: ResultRange): string => `PARTIAL ${rangeText(range)}`;

function sortText({ uid, criteria, returns, key }: Sort): string {
  const names = criteria.map((criterion) => `${criterion.reverse ? 'REVERSE ' : ''}${criterion.key}`);
  return `${prefix(uid)}SORT ${returnText(returns)}(${names.join(' ')}) UTF-8 ${keyText(key)}`;
}

function keyText(key: SearchKey): string {
  switch (key.kind) {
    case 'all':
      return 'ALL';
    case 'and':
      return `(${key.keys.map(keyText).join(' ')})`;
    case 'or':
      return `OR ${keyText(key.left)} ${keyText(key.right)}`;
    case 'not':
      return `NOT ${keyText(key.key)}`;
    case 'fuzzy':
      return `FUZZY ${keyText(key.key)}`;
    case 'flag':
      return flagKey(key.flag, key.set);
    case 'recent':
      return key.set ? 'RECENT' : 'OLD';
    case 'header':
      return `HEADER ${string(key.field)} ${string(key.value)}`;
    case 'body':
    case 'text':
      return `${key.kind.toUpperCase()} ${string(key.value)}`;
    case 'internalDate':
      return `${key.relation.toUpperCase()} ${imapDay(key.day)}`;
    case 'sentDate':
      return `SENT${key.relation.toUpperCase()} "${imapDay(key.day)}"`;
    case 'savedDate':
      return `SAVED${key.relation.toUpperCase()} ${imapDay(key.day)}`;
    case 'saveDateSupported':
      return 'SAVEDATESUPPORTED';
    case 'age':
      return `${key.relation.toUpperCase()} ${key.seconds}`;
    case 'size':
      return `${key.relation.toUpperCase()} ${key.octets}`;
    case 'sequence':
      return key.set.toString();
    case 'uid':
      return `UID ${key.set}`;
    case 'emailId':
      return `EMAILID ${key.id}`;
    case 'threadId':
      return `THREADID ${string(key.id)}`;
    case 'modseq':
      return `MODSEQ ${key.atLeast}`;
  }
}

const flagKey = (flag: string, set: boolean): string =>
  flag.startsWith('\\') ? `${set ? '' : 'UN'}${flag.slice(1).toUpperCase()}` : `${set ? '' : 'UN'}KEYWORD ${flag}`;

function fetchText({ uid, set, items, changedSince, vanished, partial }: Fetch): string {
  const modifiers = [
    ...(partial === null ? [] : [partialText(partial)]),
    ...(changedSince === null ? [] : [`CHANGEDSINCE ${changedSince}${vanished ? ' VANISHED' : ''}`]),
  ];
  const tail = modifiers.length === 0 ? '' : ` (${modifiers.join(' ')})`;
  return `${prefix(uid)}FETCH ${set} (${items.map(itemText).join(' ')})${tail}`;
}

function itemText(item: FetchItem): string {
  if (item.kind === 'PREVIEW') return item.lazy ? 'PREVIEW (LAZY)' : 'PREVIEW';
  if (!('label' in item)) return item.kind;
  if (item.kind === 'BINARY.SIZE' || item.label.startsWith('RFC822')) return item.label;
  const partial = item.partial === null ? '' : `<${item.partial.offset}.${item.partial.length}>`;
  if (item.kind === 'BINARY') return `BINARY${item.peek ? '.PEEK' : ''}[${item.part.join('.')}]${partial}`;
  return `BODY${item.peek ? '.PEEK' : ''}${sectionLabel(item.section)}${partial}`;
}

function storeText({ uid, set, unchangedSince, operation, silent, flags }: Store): string {
  const modifier = unchangedSince === null ? '' : ` (UNCHANGEDSINCE ${unchangedSince})`;
  const sign = { replace: '', add: '+', remove: '-' }[operation];
  return `${prefix(uid)}STORE ${set}${modifier} ${sign}FLAGS${silent ? '.SILENT' : ''} (${flags.join(' ')})`;
}
