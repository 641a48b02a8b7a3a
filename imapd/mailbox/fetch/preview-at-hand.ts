import type { PartIndex } from '../../mime/part-index.ts';
import { PREVIEW_OCTETS, previewPart, previewText } from '../../mime/preview.ts';
import type { MessageContent } from '../../store/content-store.ts';
import { readPartIndex } from './section-content.ts';

/** Octets of a text that will do where there is no more of it at hand. */
const ENOUGH = 2 * 1024;

/** The preview of a message, or the part it has to be read from. Empty where there is nothing to be previewed (RFC 8970, 3.2). */
export type PreviewAtHand =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'elsewhere'; readonly part: PartIndex };

/** From the head of a message, which comes in batches with the heads of others. */
export function previewAtHand(message: MessageContent): PreviewAtHand {
  const part = previewPart(readPartIndex(message));
  if (part === null) return { kind: 'text', text: '' };
  const { head = Buffer.alloc(0) } = message;
  const end = Math.min(part.endAt, part.bodyAt + PREVIEW_OCTETS, head.length);
  if (end < Math.min(part.endAt, part.bodyAt + ENOUGH)) return { kind: 'elsewhere', part };
  return { kind: 'text', text: previewText(part, head.subarray(part.bodyAt, end)) };
}
