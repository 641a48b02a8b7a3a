// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import type { AnnotationPage, ReadAnnotations, WriteAnnotations, WriteAnnotationsOutcome } from '../annotations.ts';
import type { Connection } from './connection.ts';

type Write = WriteAnnotations & { readonly octets: number | null };

export async function readAnnotations(
  access: RepositoryAccess<Connection>,
  { mailboxes, reader, entries, depth, maxSize }: ReadAnnotations,
  attempt: Attempt,
): Promise<AnnotationPage> {
  throw new Error('readAnnotations: not written yet');
}

export async function writeAnnotations(
  access: RepositoryAccess<Connection>,
  request: Write,
  attempt: Attempt,
): Promise<WriteAnnotationsOutcome> {
  throw new Error('writeAnnotations: not written yet');
}
