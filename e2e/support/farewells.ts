import { groupBy, ofKind } from '#demo/checker/group.ts';
import type { ByeEvent, HistoryEvent } from '#demo/checker/history.ts';
import { QUIET_MS } from '#imapd/session/farewell/farewell.ts';

/** Sessions that imapd is to end, each from a time on (ms of the history's clock), and the words it is to take leave in. */
export type Farewells = { readonly since: ReadonlyMap<string, number>; readonly words: string };

/** What others asked in these last moments tells how long the way there and back takes, ms. */
const MOMENTS_MS = 5_000;
/** Times as long as the one in the middle: how much longer some take. */
const SLOWER = 4;

/**
 * RFC 3501, 7.1.5, lets a server close with BYE at any time. imapd promises more: to the sessions of a process that goes, to
 * nobody else, not before it goes, and never in the middle of a command. A command that crosses the BYE on its way was not
 * read: nobody has begun to answer it, it is as young as that, and it has had no effect.
 * @returns what is otherwise, in words
 */
export function checkFarewells(history: readonly HistoryEvent[], { since, words }: Farewells): readonly string[] {
  const byes = groupBy(ofKind(history, 'bye'), ({ client }) => client);
  const unasked = [...byes.keys()].filter((client) => !since.has(client));
  return [
    ...unasked.map((client) => `${client}: was told "${byes.get(client)?.[0]?.words}", and nothing was to end it`),
    ...[...since].flatMap(([client, from]) => {
      const [bye, ...more] = byes.get(client) ?? [];
      if (bye === undefined) return [`${client}: was not told BYE`];
      return [
        ...(more.length > 0 ? [`${client}: was told BYE ${1 + more.length} times`] : []),
        ...(bye.words === words ? [] : [`${client}: was told "${bye.words}"`]),
        ...(bye.at >= from ? [] : [`${client}: was told BYE ${Math.round(from - bye.at)} ms before its time`]),
        ...checkClose(history, bye),
        ...checkOpen(history, bye),
      ];
    }),
  ];
}

/** Right after, by the server. */
function checkClose(history: readonly HistoryEvent[], { client, at }: ByeEvent): readonly string[] {
  const closed = ofKind(history, 'session').find((one) => one.client === client && one.what === 'closed by server');
  if (closed === undefined) return [`${client}: was told BYE, and not closed`];
  return closed.at >= at ? [] : [`${client}: was closed before it was told BYE`];
}

function checkOpen(history: readonly HistoryEvent[], { client, at, open }: ByeEvent): readonly string[] {
  if (open === null) return [];
  const age = Math.round(at - open.at);
  const cut = open.heard || age > crossedWithin(history, at);
  const how = open.heard ? 'that was being answered' : 'that was not answered';
  return [
    ...(cut ? [`${client}: was told BYE in the middle of ${open.name}, sent ${age} ms ago, ${how}`] : []),
    ...(open.name === 'APPEND' ? tookEffect(history, client) : []),
  ];
}

/**
 * Age of a command that can still have crossed a BYE, ms. imapd takes leave between two commands of one that has said nothing
 * for so long; on a machine where every way takes longer, what crosses is older, too.
 */
function crossedWithin(history: readonly HistoryEvent[], at: number): number {
  const asked = new Map(ofKind(history, 'request').map((one) => [one.id, one.at]));
  const recent = ofKind(history, 'answer').filter((one) => one.at <= at && one.at > at - MOMENTS_MS);
  const took = recent.map((one) => one.at - (asked.get(one.id) ?? one.at)).toSorted((a, b) => a - b);
  // Not the slowest: that may have waited for a writer.
  return Math.max(QUIET_MS, SLOWER * (took[Math.floor(took.length / 2)] ?? 0));
}

/** The last message of a session, which was never acknowledged, is there: it was not on its way any more. */
function tookEffect(history: readonly HistoryEvent[], client: string): readonly string[] {
  const last = ofKind(history, 'append').findLast((one) => one.client === client);
  if (last === undefined || last.outcome === 'ok') return [];
  const isThere = ofKind(history, 'observation').some(({ messages }) =>
    messages.some(({ hash }) => hash === last.hash),
  );
  return isThere ? [`${client}: was told BYE in place of the answer to an APPEND that was done`] : [];
}

/** Ages of the commands that crossed a BYE, ms. */
export const crossings = (history: readonly HistoryEvent[]): readonly number[] =>
  ofKind(history, 'bye').flatMap(({ at, open }) => (open === null ? [] : [Math.round(at - open.at)]));
