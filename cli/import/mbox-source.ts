import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fromLineDate } from './from-line.ts';
import { LARGEST_MESSAGE, tooLarge } from './largest-message.ts';
import { type MboxEntry, MboxSplitter } from './mbox-splitter.ts';
import { beginsWithHeader, dateField, headerEnd, withCrlf } from './message-bytes.ts';
import type { MessageSource, SourceItem } from './source-message.ts';
import { statusFlags } from './status-flags.ts';

/** The messages of an mbox file. A broken entry is told with its offset; those after it are read on. */
export async function mboxSource(file: string, mailbox: string): Promise<MessageSource> {
  const { size } = await stat(file);
  const name = basename(file);
  async function* items(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const splitter = new MboxSplitter(LARGEST_MESSAGE);
    try {
      for await (const chunk of createReadStream(file, { signal, highWaterMark: 1 << 20 })) {
        for (const entry of splitter.push(chunk as Buffer)) yield itemOf(entry, name, mailbox);
      }
    } catch (error) {
      // Told to end: half an entry is no message.
      if (signal.aborted) return;
      throw error;
    }
    for (const entry of splitter.end()) yield itemOf(entry, name, mailbox);
  }
  return { totalBytes: size, items };
}

/** A message, or why this entry is none. */
export function itemOf(entry: MboxEntry, file: string, mailbox: string): SourceItem {
  const place = `${file} at offset ${entry.offset}`;
  const broken = (reason: string): SourceItem => ({ kind: 'broken', place, reason, sourceBytes: entry.length });
  if (entry.content === null) return tooLarge(place, entry.length);
  if (entry.fromLine === null) return broken('text before the first "From " line');
  if (entry.content.length === 0) return broken('a "From " line without a message');
  if (!beginsWithHeader(entry.content)) return broken('no header after the "From " line');
  const { flags, bytes } = statusFlags(unquoted(withoutSeparator(entry.content)));
  return {
    kind: 'message',
    place,
    mailbox,
    bytes: withCrlf(bytes),
    flags,
    internalDate: dateOf(entry.fromLine, bytes),
    sourceBytes: entry.length,
  };
}

/** git writes the same made-up date into every `From ` line; then the message's own date says more. */
const GIT_DATE = '2001-09-17T00:00:00.000Z';

function dateOf(fromLine: string, bytes: Buffer): Date | null {
  const date = fromLineDate(fromLine);
  return date === null || date.toISOString() === GIT_DATE ? (dateField(bytes) ?? date) : date;
}

/** The empty line before the next `From ` line is the format's, not the message's. */
function withoutSeparator(content: Buffer): Buffer {
  const text = content.subarray(-4).toString('latin1');
  if (/\r\n\r\n$/.test(text)) return content.subarray(0, -2);
  return text.endsWith('\n\n') && headerEnd(content) < content.length ? content.subarray(0, -1) : content;
}

/** mboxrd: `>From ` at the start of a line of the body had one `>` put before it. */
function unquoted(content: Buffer): Buffer {
  const body = headerEnd(content);
  const text = content.subarray(body);
  if (!text.includes('>From ')) return content;
  const plain = text.toString('latin1').replace(/^>(>*From )/gm, '$1');
  return Buffer.concat([content.subarray(0, body), Buffer.from(plain, 'latin1')]);
}
