import { isDeepStrictEqual } from 'node:util';
import type { AgentReport } from '#contract/agent-report.ts';
import { isNews } from '#contract/is-news.ts';
import type { MemberName } from '#contract/names.ts';
import type { MemberSighting } from '../../ports.ts';

type Sightings = ReadonlyMap<MemberName, MemberSighting>;

/** `fresh`: whose report has come since the last look. */
export type Novelty = { readonly fresh: ReadonlySet<MemberName>; readonly isNews: boolean };

/**
 * Tells apart news of the members from their heartbeats, which say each second that nothing has happened. A replica that
 * has heard nothing of its upstream for long is news: the stream itself goes on calling itself alive.
 */
export class SightingNews {
  readonly #silences: readonly number[];
  #seen = new Map<MemberName, MemberSighting>();

  /** @param silences milliseconds: at each, that the upstream has been silent for so long is news */
  constructor(silences: readonly number[]) {
    this.#silences = silences;
  }

  /** Everything is new again. */
  reset(): void {
    this.#seen = new Map();
  }

  /** What is new since it was asked last. */
  take(sightings: Sightings): Novelty {
    const fresh = new Set<MemberName>();
    let isNews = sightings.size !== this.#seen.size;
    for (const [name, now] of sightings) {
      const before = this.#seen.get(name);
      if (before === undefined || now.report !== before.report) fresh.add(name);
      isNews ||= before === undefined || this.#isNews(before, now);
    }
    this.#seen = new Map(sightings);
    return { fresh, isNews };
  }

  /** What is new of that one, where nothing else can be. */
  takeOne(name: MemberName, now: MemberSighting): { readonly isFresh: boolean; readonly isNews: boolean } {
    const before = this.#seen.get(name);
    this.#seen.set(name, now);
    return {
      isFresh: before === undefined || now.report !== before.report,
      isNews: before === undefined || this.#isNews(before, now),
    };
  }

  #isNews(before: MemberSighting, now: MemberSighting): boolean {
    if (before.connected !== now.connected || before.failure !== now.failure) return true;
    if (isOther(before.problem, now.problem) || isOther(before.platform, now.platform)) return true;
    return before.report !== now.report && this.#isReportNews(before.report, now.report);
  }

  #isReportNews(before: AgentReport | null, now: AgentReport | null): boolean {
    if (now === null || isNews(before, now)) return true;
    return this.#silence(before) !== this.#silence(now);
  }

  /** How many of the bounds its upstream's silence has passed. */
  #silence(report: AgentReport | null): number {
    const silentMs = report?.replication?.upstream?.silentMs ?? 0;
    return this.#silences.filter((bound) => silentMs >= bound).length;
  }
}

/** Mostly it is the very same. */
const isOther = <T>(before: T | null = null, now: T | null = null): boolean =>
  before !== now && !isDeepStrictEqual(before, now);
