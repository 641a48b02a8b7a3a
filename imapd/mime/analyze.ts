import { ResponseWriter } from '../protocol/response-writer.ts';
import type { AnalyzedMessage } from './analyzed-message.ts';
import { writeBodyStructure } from './body-structure.ts';
import { writeEnvelope } from './envelope.ts';
import { DEFAULT_MIME_LIMITS, type MimeLimits } from './limits.ts';
import { LineScanner } from './line-scanner.ts';
import { parseMailDate } from './mail-date.ts';
import { fieldOf, type Part, parameterOf } from './part.ts';
import type { PartIndex } from './part-index.ts';
import { StructureBuilder } from './structure-builder.ts';

export type { AnalyzedMessage } from './analyzed-message.ts';

/**
 * Learns about a message all that IMAP will ask, while it passes by in chunks of any size on its way to the store:
 *
 *     const analyzer = new MessageAnalyzer();
 *     for await (const chunk of message) { analyzer.write(chunk); await store(chunk); }
 *     const facts = analyzer.end();
 *
 * Never fails, whatever the octets are. Memory is bounded by `MimeLimits`, whatever the size; chunks are not kept.
 */
export class MessageAnalyzer {
  readonly #limits: MimeLimits;
  readonly #builder: StructureBuilder;
  readonly #scanner: LineScanner;
  /** The beginning of the message, as much as may be header; cut when it is known where that ends. */
  #beginning: Buffer[] = [];
  #beginningSize = 0;
  #size = 0;

  constructor(limits: MimeLimits = DEFAULT_MIME_LIMITS) {
    this.#limits = limits;
    this.#builder = new StructureBuilder(limits);
    this.#scanner = new LineScanner(limits.line, (line) => this.#builder.line(line));
  }

  write(chunk: Buffer): void {
    this.#keepBeginning(chunk);
    this.#size += chunk.length;
    this.#scanner.write(chunk);
  }

  end(): AnalyzedMessage {
    this.#scanner.end();
    const root = this.#builder.end(this.#size);
    const messageId = fieldOf(root.fields, 'message-id');
    const date = parseMailDate(fieldOf(root.fields, 'date') ?? '');
    return {
      size: this.#size,
      lineCount: this.#builder.lines,
      headerSize: root.bodyAt,
      // A copy: a view would hold on to all of the beginning.
      headerBlock: Buffer.from(Buffer.concat(this.#beginning).subarray(0, root.bodyAt)),
      envelope: written((writer) => writeEnvelope(writer, root.fields)),
      bodyStructure: written((writer) => writeBodyStructure(writer, root, true)),
      body: written((writer) => writeBodyStructure(writer, root, false)),
      sentDay: date?.day ?? null,
      sentAt: date?.at ?? null,
      messageId: /<[^<>\s]+>/.exec(messageId ?? '')?.[0] ?? null,
      partIndex: indexOf(root),
    };
  }

  #keepBeginning(chunk: Buffer): void {
    const room = (this.#builder.headerEnd ?? this.#limits.header) - this.#beginningSize;
    if (room <= 0) return;
    const kept = Buffer.from(chunk.subarray(0, room));
    this.#beginning.push(kept);
    this.#beginningSize += kept.length;
  }
}

function written(write: (writer: ResponseWriter) => void): Buffer {
  const writer = new ResponseWriter();
  write(writer);
  return writer.take();
}

const indexOf = (part: Part): PartIndex => ({
  kind: part.kind,
  headerAt: part.headerAt,
  bodyAt: part.bodyAt,
  endAt: part.endAt,
  lines: part.lines,
  type: `${part.type}/${part.subtype}`.toLowerCase(),
  charset: parameterOf(part.parameters, 'charset')?.toLowerCase() ?? null,
  encoding: part.encoding.toLowerCase(),
  parts: part.parts.map(indexOf),
});

/** A message that is in memory already. */
export function analyzeMessage(message: Buffer, limits: MimeLimits = DEFAULT_MIME_LIMITS): AnalyzedMessage {
  const analyzer = new MessageAnalyzer(limits);
  analyzer.write(message);
  return analyzer.end();
}
