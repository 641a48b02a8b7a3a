import type { AnalyzedMessage } from '../../mime/analyzed-message.ts';
import type { Analyzer } from '../postgres/stage.ts';

/** Cuts header from text and no more: the store does not look into what an analyzer says. */
export class SimpleAnalyzer implements Analyzer {
  #size = 0;
  #head = Buffer.alloc(0);

  write(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#head.length < 65536) this.#head = Buffer.concat([this.#head, bytes.subarray(0, 65536)]);
  }

  end(): AnalyzedMessage {
    const end = this.#head.indexOf('\r\n\r\n');
    const headerBlock = this.#head.subarray(0, end < 0 ? this.#head.length : end + 4);
    return {
      size: this.#size,
      lineCount: 0,
      headerSize: headerBlock.length,
      headerBlock,
      envelope: Buffer.from(`(NIL "${this.#size}")`),
      body: Buffer.from('("TEXT" "PLAIN")'),
      bodyStructure: Buffer.from('("TEXT" "PLAIN" NIL)'),
      sentDay: '2026-10-31',
      sentAt: new Date('2026-10-31T00:00:00Z'),
      messageId: null,
      partIndex: {
        kind: 'leaf',
        headerAt: 0,
        bodyAt: headerBlock.length,
        endAt: this.#size,
        lines: 0,
        type: 'text/plain',
        charset: null,
        encoding: '7bit',
        parts: [],
      },
    };
  }
}
