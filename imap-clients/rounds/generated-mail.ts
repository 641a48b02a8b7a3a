import { createMailGenerator } from '#demo/mail/generator.ts';
import type { NewMessage } from '../stores/mail-store.ts';

const FLAGS = [[], ['\\Seen'], ['\\Seen', '\\Answered'], ['\\Flagged'], ['\\Seen', '\\Flagged']];
/** Every so many messages one has an attachment, of up to 80 KiB. */
const ATTACHMENT_EVERY = 25;
const KINDS = ['plain', 'alternative', 'eightBit', 'plain'] as const;

/** New messages one after the other, all different, the same ones for a seed. */
export function generatedMail(seed: number): (count: number) => readonly NewMessage[] {
  const next = createMailGenerator(seed);
  let made = 0;
  const message = (): NewMessage => {
    made += 1;
    const kind = made % ATTACHMENT_EVERY === 0 ? 'attachment' : (KINDS[made % KINDS.length] ?? 'plain');
    return { raw: next(kind).raw, flags: FLAGS[made % FLAGS.length] ?? [] };
  };
  return (count) => Array.from({ length: count }, message);
}
