import { usesAge, usesModSeq, usesObjectId, usesSaveDate, usesSaved } from '../../mailbox/search/search-plan.ts';
import type { AppendLiteral, AppendStep, Command, Fetch, List, Search, Sort, Thread } from '../../protocol/command.ts';
import type { FetchItem } from '../../protocol/fetch-item.ts';
import type { ReturnOptions } from '../../protocol/searching/return-options.ts';
import { isFuzzy, type SearchKey } from '../../protocol/searching/search-key.ts';
import { isDisplayKey, type SortCriterion } from '../../protocol/searching/sort-criterion.ts';
import { type MessageSet, SAVED } from '../../protocol/sets/message-set.ts';
import type { StatusItem } from '../../protocol/status-item.ts';
import type { CapabilityName } from './capability-table.ts';

/**
 * The extensions whose syntax a command uses beyond that of RFC 3501. The parser knows them all; where the cluster has
 * switched one off, the dispatcher refuses what uses it, as a server would that had never heard of it. Commands that are
 * an extension as a whole carry their capability themselves (`CommandHandler.capability`).
 */
export function capabilitiesUsed(command: Command): readonly CapabilityName[] {
  switch (command.name) {
    case 'AUTHENTICATE':
      return when(command.initialResponse !== null, 'SASL-IR');
    case 'SELECT':
    case 'EXAMINE':
      return [...when(command.condstore, 'CONDSTORE'), ...when(command.qresync !== null, 'QRESYNC')];
    case 'CREATE':
      return when(command.uses !== null, 'CREATE-SPECIAL-USE');
    case 'LIST':
      return usedByList(command);
    case 'STATUS':
      return usedByItems(command.items);
    case 'EXPUNGE':
      return [...when(command.uids !== null, 'UIDPLUS'), ...when(command.uids === SAVED, 'SEARCHRES')];
    case 'SEARCH':
    case 'SORT':
    case 'THREAD':
      return usedBySearching(command);
    case 'NOTIFY':
      return (command.groups ?? []).flatMap(({ fetch }) => usedByAttributes(fetch));
    case 'ESEARCH':
      return [...usedByReturns(command.returns), ...usedByKey(command.key)];
    case 'APPEND':
    case 'REPLACE':
      return usedBySteps(command.steps);
    case 'FETCH':
      return [
        ...when(usesModSeqs(command), 'CONDSTORE'),
        ...when(command.vanished, 'QRESYNC'),
        ...new Set(command.items.flatMap(usedByFetchItem)),
        ...when(command.partial !== null, 'PARTIAL'),
        ...usedBySet(command.set),
      ];
    case 'STORE':
      return [...when(command.unchangedSince !== null, 'CONDSTORE'), ...usedBySet(command.set)];
    case 'COPY':
    case 'MOVE':
      return usedBySet(command.set);
    default:
      return [];
  }
}

const when = (used: boolean, name: CapabilityName): readonly CapabilityName[] => (used ? [name] : []);

function usedBySearching(command: Search | Sort | Thread): readonly CapabilityName[] {
  const byKey = usedByKey(command.key);
  switch (command.name) {
    case 'SEARCH':
      return [...when(command.returns !== null, 'ESEARCH'), ...usedByReturns(command.returns), ...byKey];
    case 'SORT':
      return [
        ...when(command.returns !== null, 'ESORT'),
        ...usedByReturns(command.returns),
        ...usedByCriteria(command.criteria),
        ...byKey,
      ];
    case 'THREAD':
      return [`THREAD=${command.algorithm}`, ...byKey];
  }
}

const usedBySteps = (steps: readonly AppendStep[]): readonly CapabilityName[] => [
  ...when(
    steps.some((step) => step.kind === 'message' && step.catenated),
    'CATENATE',
  ),
  ...steps.flatMap((step) => (step.kind === 'literal' ? usedByLiteral(step) : [])),
];

/** The literal8 of UTF8 (…) is part of that. */
export const usedByLiteral = ({ place, binary }: AppendLiteral): readonly CapabilityName[] =>
  place === 'utf8' || place === 'utf8Text' ? ['UTF8=ACCEPT'] : when(binary, 'BINARY');

const usedByKey = (key: SearchKey): readonly CapabilityName[] => [
  ...when(usesModSeq(key), 'CONDSTORE'),
  ...when(usesAge(key), 'WITHIN'),
  ...when(isFuzzy(key), 'SEARCH=FUZZY'),
  ...when(usesObjectId(key), 'OBJECTID'),
  ...when(usesSaveDate(key), 'SAVEDATE'),
  ...when(usesSaved(key), 'SEARCHRES'),
];

const usedByReturns = (returns: ReturnOptions | null): readonly CapabilityName[] => [
  ...when(returns?.save === true, 'SEARCHRES'),
  ...when(returns !== null && returns.partial !== null, 'PARTIAL'),
  ...when(returns !== null && (returns.update || returns.context), 'CONTEXT=SEARCH'),
  ...when(returns !== null && returns.updateFetch.length > 0, 'NOTIFY'),
  ...usedByAttributes(returns?.updateFetch ?? []),
];

const usedByCriteria = (criteria: readonly SortCriterion[]): readonly CapabilityName[] =>
  when(
    criteria.some(({ key }) => isDisplayKey(key)),
    'SORT=DISPLAY',
  );

const usedBySet = (set: MessageSet): readonly CapabilityName[] => when(set === SAVED, 'SEARCHRES');

const EXTENDED_FETCH_ITEMS: { readonly [Kind in FetchItem['kind']]?: CapabilityName } = {
  BINARY: 'BINARY',
  'BINARY.SIZE': 'BINARY',
  EMAILID: 'OBJECTID',
  THREADID: 'OBJECTID',
  SAVEDATE: 'SAVEDATE',
  PREVIEW: 'PREVIEW',
};

const usedByFetchItem = ({ kind }: FetchItem): readonly CapabilityName[] => {
  const used = EXTENDED_FETCH_ITEMS[kind];
  return used === undefined ? [] : [used];
};

/** Of messages that will arrive. */
const usedByAttributes = (items: readonly FetchItem[]): readonly CapabilityName[] => [
  ...when(items.some(isModSeq), 'CONDSTORE'),
  ...new Set(items.flatMap(usedByFetchItem)),
];

const isModSeq = ({ kind }: FetchItem): boolean => kind === 'MODSEQ';

const usesModSeqs = ({ changedSince, items }: Fetch): boolean => changedSince !== null || items.some(isModSeq);

const usedByList = ({ extended, returns, selection }: List): readonly CapabilityName[] => [
  ...when(extended, 'LIST-EXTENDED'),
  ...when(returns.children, 'CHILDREN'),
  ...when(selection.specialUse || returns.specialUse, 'SPECIAL-USE'),
  ...when(returns.status !== null, 'LIST-STATUS'),
  ...when(returns.metadata !== null, 'LIST-METADATA'),
  ...when(returns.myRights, 'LIST-MYRIGHTS'),
  ...usedByItems(returns.status ?? []),
];

const EXTENDED_ITEMS: { readonly [Item in StatusItem]?: CapabilityName } = {
  HIGHESTMODSEQ: 'CONDSTORE',
  SIZE: 'STATUS=SIZE',
  'DELETED-STORAGE': 'QUOTA=RES-STORAGE',
  APPENDLIMIT: 'APPENDLIMIT',
  MAILBOXID: 'OBJECTID',
};

const usedByItems = (items: readonly StatusItem[]): readonly CapabilityName[] =>
  items.flatMap((item) => EXTENDED_ITEMS[item] ?? []);
