import { createHash, hash as digest, randomUUIDv7 } from 'node:crypto';
import { type AnalyzedMessage, MessageAnalyzer } from '../../mime/analyze.ts';
import type { MimeLimits } from '../../mime/limits.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { StagedMessage, StageRequest } from '../content-store.ts';
import { derivedOperation } from '../operations/derived-operation.ts';
import { octetsPassed } from '../sweep.ts';
import type { ContentId } from '../types.ts';
import { CHUNK_SIZE, type Chunk, type NewContent } from './content-row.ts';

/** Messages of one MULTIAPPEND that may wait in memory; the ones after them are stored as they come. */
const INLINE_MESSAGES = 16;

/** Each may be repeated, and may meet an earlier try that is still at work: what is there already stays. */
export type StageStatements<C> = {
  /** The first one tells the collector, too, that an upload has begun. */
  insertChunk(tx: C, chunk: Chunk): Promise<void>;
  /** Of a message whose chunks are all there. */
  insertContent(tx: C, content: NewContent): Promise<void>;
};

export type StageTools<C> = {
  readonly access: RepositoryAccess<C>;
  readonly statements: StageStatements<C>;
  readonly mime: MimeLimits;
};

/**
 * Takes a message in. Up to one chunk stays in memory (`inline`); beyond, every full chunk is a short transaction of its
 * own, so that a slow upload holds no connection and a change of primary loses nothing that was acknowledged. One chunk is
 * written while the next one fills: at most two are in memory, however fast the client is.
 */
export async function stage<C>(
  tools: StageTools<C>,
  source: AsyncIterable<Buffer>,
  options: { readonly request: StageRequest; readonly attempt: Attempt },
): Promise<StagedMessage> {
  const upload = new Upload(tools, options);
  const analyzer = new MessageAnalyzer(tools.mime);
  const whole = createHash('sha256');
  try {
    for await (const bytes of source) {
      analyzer.write(bytes);
      whole.update(bytes);
      await upload.take(bytes);
      octetsPassed(bytes.length);
    }
    return await upload.end(analyzer.end(), whole.digest());
  } finally {
    // A source that breaks off must not leave a write that nobody waits for.
    await upload.settled();
  }
}

/** 74 random bits behind the time: nobody meets it again, and the indexes grow at one end. */
const newContentId = (): ContentId => randomUUIDv7() as ContentId;

const EMPTY = Buffer.allocUnsafe(0);

class Upload<C> {
  readonly #tools: StageTools<C>;
  readonly #request: StageRequest;
  readonly #attempt: Attempt;
  readonly #id: ContentId;
  #chunk: Buffer = EMPTY;
  #spare: Buffer | null = null;
  #filled = 0;
  #written = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(tools: StageTools<C>, { request, attempt }: { request: StageRequest; attempt: Attempt }) {
    this.#tools = tools;
    this.#request = request;
    this.#attempt = attempt;
    this.#id = newContentId();
  }

  async take(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === CHUNK_SIZE) await this.#flush();
      at += this.#fill(bytes.subarray(at));
    }
  }

  async end(analysis: AnalyzedMessage, hash: Buffer): Promise<StagedMessage> {
    const staged = { content: this.#id, size: analysis.size, hash };
    if (this.#written === 0 && this.#request.ordinal < INLINE_MESSAGES) {
      return { ...staged, inline: { raw: this.#chunk.subarray(0, this.#filled), analysis } };
    }
    await this.#flush();
    await this.#writing;
    const content = { id: this.#id, chunks: this.#written, hash, analysis };
    await this.#mutate('content', (tx) => this.#tools.statements.insertContent(tx, content));
    return { ...staged, inline: null };
  }

  async settled(): Promise<void> {
    await Promise.allSettled([this.#writing]);
  }

  /** Grows by doubling up to one chunk, so that a small message takes little. */
  #fill(bytes: Buffer): number {
    const needed = Math.min(CHUNK_SIZE, this.#filled + bytes.length);
    if (needed > this.#chunk.length) {
      const size = Math.min(CHUNK_SIZE, Math.max(needed, 2 * this.#chunk.length));
      const grown = this.#spare ?? Buffer.allocUnsafeSlow(size);
      this.#spare = null;
      this.#chunk.copy(grown, 0, 0, this.#filled);
      this.#chunk = grown;
    }
    const copied = bytes.copy(this.#chunk, this.#filled, 0, needed - this.#filled);
    this.#filled += copied;
    return copied;
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const number = this.#written++;
    const full = this.#chunk;
    const data = full.subarray(0, this.#filled);
    this.#chunk = EMPTY;
    this.#filled = 0;
    const chunk = { content: this.#id, number, hash: digest('sha256', data, 'buffer'), data };
    this.#writing = this.#mutate(`chunk ${number}`, (tx) => this.#tools.statements.insertChunk(tx, chunk)).then(() => {
      // Two buffers take turns: new ones would be garbage faster than it is collected.
      this.#spare = full;
    });
    // Its failure is met by the next await of #writing; until then it must not count as unhandled.
    this.#writing.catch((error: Error) => error);
  }

  #mutate(step: string, work: (tx: C) => Promise<void>): Promise<unknown> {
    const operation = derivedOperation(this.#request.operation, `${this.#request.ordinal} ${this.#id} ${step}`);
    const done = async (tx: C): Promise<null> => {
      await work(tx);
      return null;
    };
    return this.#tools.access.mutate(operation, done, this.#attempt);
  }
}
