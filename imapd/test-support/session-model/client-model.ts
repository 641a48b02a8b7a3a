import { numbersOf, type Range } from '../response-grammar/numbers.ts';
import type { Response } from '../response-grammar/parse-response.ts';
import { KeptUp } from './kept-up.ts';

/** What a client has asked for and has no tagged answer to. */
export type CommandUnderWay = {
  readonly tag: string;
  /** As it was sent, without the tag. */
  readonly text: string;
};

/** A message as a client knows it: by what it was told, and nothing else. */
export type KnownMessage = { uid: number | null; flags: readonly string[] | null; modSeq: number };

/** RFC 9051, 7.5.1, and RFC 2180, 4.1.2: numbers must not move under these; SORT and THREAD are kinds of SEARCH. */
const HOLDS_NUMBERS = /^(?:FETCH|STORE|SEARCH|SORT|THREAD)\b/i;
const SELECTS = /^(?:SELECT|EXAMINE)\b/i;

/**
 * A client of one mailbox that believes its server: it keeps the list of messages by the responses alone, and finds out
 * where they cannot be right. Knows nothing of the server's state.
 */
export class ClientModel {
  readonly violations: string[] = [];
  readonly keptUp = new KeptUp();
  #messages: KnownMessage[] = [];
  #underWay: CommandUnderWay | null = null;
  #highestModSeq = 0;
  #selected = false;
  #uidOnly = false;
  #listens = false;
  /** What comes now may still be of the mailbox that is being left, up to CLOSED (RFC 7162, 3.2.11). */
  #deaf = false;
  #numbersMove = false;
  /** UIDs that were told as gone. */
  #gone = new Set<number>();

  get messages(): readonly Readonly<KnownMessage>[] {
    return this.#messages;
  }

  get count(): number {
    return this.#messages.length;
  }

  /** It has no use for message numbers: it has enabled UIDONLY (RFC 9586), or they may move at any time. */
  get byUidAlone(): boolean {
    return this.#uidOnly || this.#numbersMove;
  }

  /** A command is being sent. */
  begin(command: CommandUnderWay): void {
    if (this.#underWay !== null) throw new Error('one command after the other');
    this.#underWay = command;
    if (!SELECTS.test(command.text)) return;
    this.#deaf = this.#listens && this.#selected;
    this.#leave();
  }

  /** What a client takes for granted after STORE … .SILENT: nobody tells it. */
  assumeFlags(messages: readonly number[], change: (flags: readonly string[]) => readonly string[]): void {
    for (const sequence of messages) {
      const message = this.#messages[sequence - 1];
      if (message?.flags) message.flags = change(message.flags);
    }
  }

  /** Refused, or its fate is unknown: what was assumed may be wrong. */
  forgetFlags(messages: readonly number[]): void {
    for (const sequence of messages) {
      const message = this.#messages[sequence - 1];
      if (message !== undefined) message.flags = null;
    }
  }

  take(response: Response): void {
    if (response.kind === 'condition') this.#takeCondition(response);
    else this.#takeData(response);
  }

  #takeData(response: Exclude<Response, { kind: 'condition' }>): void {
    if (this.#underWay === null && !this.#listens) this.#violates(`${response.kind} although nothing was asked`);
    if (this.#deaf) return;
    if (response.kind === 'enabled') this.#uidOnly ||= response.words.includes('UIDONLY');
    if (response.kind === 'exists') this.#takeExists(response.count);
    if (response.kind === 'expunge') this.#takeExpunge(response.sequence);
    if (response.kind === 'fetch') this.#takeFetch(response);
    if (response.kind === 'uidFetch') this.#takeUidFetch(response);
    if (response.kind === 'vanished') this.#takeVanished(response);
    if (response.kind === 'search' || response.kind === 'sort') this.#takeFound(response.ids);
    if (response.kind === 'thread') this.#takeFound(response.ids);
    if (response.kind === 'esearch') this.#takeExtended(response);
  }

  #violates(what: string): void {
    this.violations.push(`${what} (${this.#underWay?.text ?? 'no command'}, ${this.count} messages)`);
  }

  #leave(): void {
    this.#messages = [];
    this.#gone = new Set();
    this.#selected = false;
    this.keptUp.forget();
  }

  #takeCondition({ tag, status, code, text }: Extract<Response, { kind: 'condition' }>): void {
    if (code?.name === 'CLOSED' || tag !== null) this.#deaf = false;
    const [modSeq] = code?.name === 'HIGHESTMODSEQ' ? code.numbers : [];
    if (modSeq !== undefined) this.#takeHighestModSeq(modSeq);
    if (tag === null) {
      if (this.#underWay === null && !this.#listens && status !== 'BYE')
        this.#violates(`${status} although nothing was asked`);
      return;
    }
    if (tag !== this.#underWay?.tag) this.#violates(`an answer to ${tag}`);
    if (status === 'BAD') this.#violates(`a right command is BAD: ${text}`);
    if (SELECTS.test(this.#underWay?.text ?? '')) this.#selected = status === 'OK';
    this.#noteNotify(this.#underWay?.text ?? '');
    this.#underWay = null;
  }

  /** RFC 5465: it is told of changes at any time, and numbers hold only where it has said SELECTED-DELAYED. */
  #noteNotify(text: string): void {
    if (!/^NOTIFY SET/i.test(text)) return;
    this.#listens = true;
    this.#numbersMove = /\(SELECTED /i.test(text);
  }

  #takeHighestModSeq(modSeq: number): void {
    if (modSeq < this.#highestModSeq)
      this.#violates(`HIGHESTMODSEQ went back from ${this.#highestModSeq} to ${modSeq}`);
    this.#highestModSeq = modSeq;
  }

  /** RFC 9051, 7.4.1: only EXPUNGE and VANISHED make it smaller. */
  #takeExists(count: number): void {
    if (count < this.count) this.#violates(`EXISTS went from ${this.count} to ${count} by itself`);
    while (this.count < count) this.#messages.push({ uid: null, flags: null, modSeq: 0 });
  }

  #takeExpunge(sequence: number): void {
    if (HOLDS_NUMBERS.test(this.#underWay?.text ?? '')) this.#violates(`${sequence} EXPUNGE in answer to numbers`);
    const [message] = this.#messages.splice(sequence - 1, 1);
    if (message === undefined) this.#violates(`${sequence} EXPUNGE`);
    else if (message.uid !== null) this.#gone.add(message.uid);
  }

  #takeVanished({ uids, earlier }: { readonly uids: readonly Range[]; readonly earlier: boolean }): void {
    if (!earlier && HOLDS_NUMBERS.test(this.#underWay?.text ?? '')) this.#violates('VANISHED in answer to numbers');
    if (earlier) return;
    for (const uid of numbersOf(uids)) {
      const at = this.#placeOf(uid);
      if (at === null) this.#violates(`VANISHED ${uid}, which is not there`);
      else this.#messages.splice(at, 1);
      this.#gone.add(uid);
    }
  }

  /** The message of this UID; else one of which only is known that it may be. */
  #placeOf(uid: number): number | null {
    const known = this.#messages.findIndex((message) => message.uid === uid);
    if (known >= 0) return known;
    if (this.#uidOnly) {
      const unknown = this.#messages.findLastIndex((message) => message.uid === null);
      return unknown < 0 ? null : unknown;
    }
    let before = 0;
    for (const [at, message] of this.#messages.entries()) {
      if (message.uid !== null) before = message.uid;
      else if (before < uid && uid < this.#nextKnown(at)) return at;
    }
    return null;
  }

  #nextKnown(from: number): number {
    return this.#messages.slice(from).find(({ uid }) => uid !== null)?.uid ?? Number.POSITIVE_INFINITY;
  }

  #takeFetch({ sequence, items }: Extract<Response, { kind: 'fetch' }>): void {
    const message = this.#messages[sequence - 1];
    if (message === undefined) {
      this.#violates(`FETCH of message ${sequence}`);
      return;
    }
    const [uid, flags, modSeq] = [items.get('UID'), items.get('FLAGS'), items.get('MODSEQ')];
    if (typeof uid === 'number') this.#takeUid(sequence, uid, message);
    if (Array.isArray(flags)) message.flags = flags.filter((flag: string) => flag !== '\\Recent');
    if (typeof modSeq !== 'number') return;
    if (modSeq < message.modSeq) this.#violates(`MODSEQ of UID ${message.uid} went back to ${modSeq}`);
    message.modSeq = modSeq;
  }

  /** RFC 9586: what has no UID yet stands behind what has; which of them it was, nobody can tell or needs to. */
  #takeUidFetch({ uid, items }: Extract<Response, { kind: 'uidFetch' }>): void {
    const place = this.#placeOf(uid);
    const [message] = place === null ? [] : this.#messages.splice(place, 1);
    if (message === undefined) {
      this.#violates(`UIDFETCH of UID ${uid}`);
      return;
    }
    const at = this.#messages.findIndex((other) => other.uid === null || other.uid > uid);
    const sequence = at < 0 ? this.count + 1 : at + 1;
    this.#messages.splice(sequence - 1, 0, message);
    this.#takeFetch({ kind: 'fetch', sequence, items: new Map([...items, ['UID', uid]]) });
  }

  #takeUid(sequence: number, uid: number, message: KnownMessage): void {
    if (message.uid !== null && message.uid !== uid)
      this.#violates(`message ${sequence} is UID ${uid}, not ${message.uid}`);
    if (this.#gone.has(uid)) this.#violates(`UID ${uid} is there again`);
    message.uid = uid;
    const before = this.#messages.slice(0, sequence - 1).findLast((other) => other.uid !== null)?.uid ?? 0;
    if (before >= uid || this.#nextKnown(sequence) <= uid) this.#violates(`UID ${uid} is out of order`);
  }

  #takeExtended({ tag, results }: Extract<Response, { kind: 'esearch' }>): void {
    const all = results.get('ALL');
    if (typeof all === 'object') this.#takeFound([...numbersOf(all)]);
    this.keptUp.take(tag ?? '', results, (what) => this.#violates(what));
  }

  /** Nothing is found that the client could not know of. */
  #takeFound(ids: readonly number[]): void {
    const byUid = /^UID /i.test(this.#underWay?.text ?? '');
    const unknown = ids.filter((id) => (byUid ? this.#placeOf(id) === null : id > this.count));
    if (this.#selected && unknown.length > 0) this.#violates(`found ${unknown.join()}, which is not there`);
  }
}
