import { readFile, stat } from 'node:fs/promises';
import { LARGEST_MESSAGE, tooLarge } from './largest-message.ts';
import { beginsWithHeader, dateField, withCrlf } from './message-bytes.ts';
import type { MessageSource, SourceItem } from './source-message.ts';

/** Single messages, a file each. */
export async function emlSource(files: readonly string[], mailbox: string): Promise<MessageSource> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  async function* items(signal: AbortSignal): AsyncGenerator<SourceItem> {
    for (const [position, place] of files.entries()) {
      if (signal.aborted) return;
      const size = sizes[position] ?? 0;
      if (size > LARGEST_MESSAGE) {
        yield tooLarge(place, size);
        continue;
      }
      const text = await readFile(place);
      const shared = { place, sourceBytes: text.length };
      if (!beginsWithHeader(text)) yield { kind: 'broken', ...shared, reason: 'it does not begin with a header' };
      else
        yield { kind: 'message', ...shared, mailbox, bytes: withCrlf(text), flags: [], internalDate: dateField(text) };
    }
  }
  return { totalBytes: sizes.reduce((sum, size) => sum + size, 0), items };
}
