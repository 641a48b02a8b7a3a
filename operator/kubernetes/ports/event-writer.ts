import { randomBytes } from 'node:crypto';
import type { EventsV1Event } from '@kubernetes/client-node';
import { GROUP } from '#crds/group.ts';
import { type Code, codes } from '#runtime/error-codes.ts';
import type { Logger } from '#runtime/logger.ts';
import { namespaceOf, type Owner } from '../../objects/owned-meta.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import type { Resource, Stored } from '../api/resource.ts';
import { FIELD_MANAGER } from '../apply/apply-object.ts';
import { BackOff } from '../back-off.ts';

export type Written = {
  readonly regarding: Owner;
  /** Of the table: it says whether it is a warning. */
  readonly code: Code;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  /** What else it has in common with others that are the same again; the note says what it was the first time. */
  readonly series: string;
};

export type EventWriterOptions = {
  readonly client: ApiClient;
  readonly identity: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** How long what they tell of goes before them, ms. */
  readonly respite?: () => number;
  readonly onDropped: (why: string) => void;
};

type StoredEvent = Stored<EventsV1Event>;

/**
 * events.k8s.io, not the older kind of the core group: it knows series, and says when something happened to the microsecond.
 * `kubectl` shows both, for they are the same objects.
 */
export const events: Resource<StoredEvent> = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** One that happens again within this time is another of its series, not another Event. */
const SERIES_MS = 10 * 60_000;
const MOST_SERIES = 2_000;
const MOST_WAITING = 1_000;
const DEADLINE_MS = 5_000;
/** Past this an Event is no news. */
const STALE_MS = 10 * 60_000;
const MOST_NAME = 253;
const MOST_INSTANCE = 128;

type Series = {
  readonly key: string;
  readonly written: Written;
  /** Null until the API server has it. */
  event: StoredEvent | null;
  /** How often it happened, and of these how many are written down. */
  count: number;
  told: number;
  /** Milliseconds since 1970. */
  firstAt: number;
  lastAt: number;
  waiting: boolean;
};

/** Brings Events to the API server one after the other, and repeated ones as one. One that is not taken holds up none. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #series = new Map<string, Series>();
  readonly #waiting: Series[] = [];
  #working: Promise<void> | null = null;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  write(written: Written): void {
    const series = this.#seriesOf(written);
    series.count += 1;
    series.lastAt = this.#options.clock.now();
    // What waits already will tell of this one too.
    if (series.waiting) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#options.onDropped('too many');
      return;
    }
    series.waiting = true;
    this.#waiting.push(series);
    this.#working ??= this.#work();
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  #seriesOf(written: Written): Series {
    const { regarding, code, reason, action, series } = written;
    const key = JSON.stringify([regarding.metadata.uid, code, reason, action, series]);
    const now = this.#options.clock.now();
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt <= SERIES_MS) return known;
    this.#series.delete(key);
    const fresh: Series = { key, written, event: null, count: 0, told: 0, firstAt: now, lastAt: now, waiting: false };
    this.#series.set(key, fresh);
    // In the order in which they began: the first is the oldest.
    for (const [oldest] of this.#series) {
      if (this.#series.size <= MOST_SERIES) break;
      this.#series.delete(oldest);
    }
    return fresh;
  }

  async #work(): Promise<void> {
    const { clock, random, respite, signal } = this.#options;
    const ms = respite?.() ?? 0;
    if (ms > 0) await clock.sleep(ms, signal);
    const pauses = new BackOff({ firstMs: 200, capMs: 10_000, random });
    for (let series = this.#waiting.shift(); series !== undefined; series = this.#waiting.shift()) {
      if (await this.#tell(series)) pauses.reset();
      else await clock.sleep(pauses.next(), signal);
    }
    this.#working = null;
  }

  /** False where it was not taken, and may be later: it waits behind the others, for the trouble may be its own. */
  async #tell(series: Series): Promise<boolean> {
    const { clock, signal, onDropped, log } = this.#options;
    series.waiting = false;
    if (!signal.aborted) {
      try {
        await this.#send(series);
        return true;
      } catch (error) {
        log.debug({ code: series.written.code, error: String(error) }, 'an Event was not taken');
        if (!isFinal(error) && clock.now() - series.lastAt <= STALE_MS) {
          // While it was being sent it may have happened again, and waits already.
          if (!series.waiting) this.#waiting.push(series);
          series.waiting = true;
          return false;
        }
      }
    }
    onDropped(signal.aborted ? 'stopped' : 'failed');
    return true;
  }

  async #send(series: Series): Promise<void> {
    const { count } = series;
    if (count <= series.told) return;
    if (series.event === null || !(await this.#raise(series, series.event))) {
      const made = await this.#options.client.create(events, this.#made(series), this.#call());
      series.event = made.ok ? made.object : null;
    }
    series.told = count;
  }

  /** False where it is gone: Events are deleted after an hour, and by people. */
  async #raise(series: Series, { metadata: { namespace, name } }: StoredEvent): Promise<boolean> {
    const { client } = this.#options;
    // Of an Event nothing but this may change.
    const change = { metadata: { namespace, name }, series: seriesOf(series) } as StoredEvent;
    try {
      series.event = await client.apply(events, change, { ...this.#call(), manager: FIELD_MANAGER });
      return true;
    } catch (error) {
      // Where there is none any more, the API server would have to make one out of this alone.
      if (error instanceof ApiError && (error.status === 404 || error.status === 422)) return false;
      throw error;
    }
  }

  #made(series: Series): StoredEvent {
    const { regarding, code, reason, action, note } = series.written;
    const { apiVersion, kind, metadata } = regarding;
    const namespace = namespaceOf(regarding);
    const end = `.${randomBytes(8).toString('hex')}`;
    return {
      metadata: { name: `${metadata.name.slice(0, MOST_NAME - end.length)}${end}`, namespace },
      eventTime: microTime(series.firstAt),
      reportingController: `${GROUP}/operator`,
      reportingInstance: this.#options.identity.slice(0, MOST_INSTANCE),
      regarding: { apiVersion, kind, namespace, name: metadata.name, ...uidOf(regarding) },
      reason,
      action,
      note,
      type: codes[code].severity === 'info' ? 'Normal' : 'Warning',
      ...(series.count === 1 ? {} : { series: seriesOf(series) }),
    };
  }

  #call() {
    return { deadlineMs: DEADLINE_MS, signal: this.#options.signal };
  }
}

const seriesOf = ({ count, lastAt }: Series) => ({ count, lastObservedTime: microTime(lastAt) });

const uidOf = ({ metadata }: Owner) => (metadata.uid === undefined ? {} : { uid: metadata.uid });

/** `MicroTime` of the API wants six digits. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** Refused for what it is: asked again it would be refused again. Everything else may be different in a moment. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof Error && error.name === 'LeadershipLost';
  return error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 409;
}
