import type { ManifestDocument } from './manifest-document.ts';

/** One thing that is wrong with a manifest: where, what was found, what is allowed. */
export type Mistake = {
  readonly file: string;
  readonly line: number;
  /** Number of the document in its file, from 1; null where the file itself is at fault. */
  readonly document: number | null;
  /** What the document describes, such as `MailboxPartition users-a`; empty where that is not known. */
  readonly subject: string;
  /** `spec.durability.mode`, `spec.holds.slots[1]`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
};

/** Keys and list indexes from the top of a document. */
export type Path = readonly (string | number)[];

/** A mistake at a path of a document. */
export function mistakeAt(document: ManifestDocument, path: Path, message: string): Mistake {
  return {
    file: document.file,
    line: document.lineOf(path),
    document: document.number,
    subject: document.subject,
    path: dotted(path),
    message,
  };
}

/** `mail.yaml:12: document 2 (MailboxPartition users-a): spec.durability.mode: found "Quorom", allowed: …` */
export function formatMistake({ file, line, document, subject, path, message }: Mistake): string {
  const where = document === null ? '' : `document ${document}${subject === '' ? '' : ` (${subject})`}: `;
  return `${file}:${line}: ${where}${path === '' ? '' : `${path}: `}${message}`;
}

/** A value as a reader would recognise it, cut where it is long. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const dotted = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
