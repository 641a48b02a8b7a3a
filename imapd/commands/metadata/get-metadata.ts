import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Annotation } from '../../store/annotations.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { type Annotated, annotated } from './annotated.ts';
import { writeMetadata } from './metadata-line.ts';
import type { MetadataPolicy } from './metadata-policy.ts';
import { serverEntries } from './server-entries.ts';

type Found = Pick<Annotation, 'entry' | 'octets' | 'value'>;

/** RFC 5464, 4.2. */
export const getMetadata = (policy: MetadataPolicy, sharing: Sharing): CommandHandler<'GETMETADATA'> => ({
  name: 'GETMETADATA',
  states: SIGNED_IN,
  capability: 'METADATA',
  async run(command, context) {
    const { entries, depth } = command;
    const of = await annotated(command, context, sharing);
    if (of.kind === 'refused') return of.completion;
    const found = await valuesOf(command, { of, context, policy });
    const known = new Set(found.map(({ entry }) => entry));
    // What was asked for by name and does not exist is told, too.
    const missing = depth === 0 ? entries.filter((entry) => !known.has(entry)) : [];
    const fitting = found.filter(({ value }) => value !== null);
    const values = [
      ...fitting.map(({ entry, value }) => [entry, value] as const),
      ...missing.map((entry) => [entry, null] as const),
    ];
    if (values.length > 0) {
      const writer = new ResponseWriter(context.session.mailboxNames);
      writeMetadata(writer, { mailbox: of.shown, values });
      await context.output.write(writer.take());
    }
    const longest = Math.max(0, ...found.filter(({ value }) => value === null).map(({ octets }) => octets));
    return ok('GETMETADATA completed', longest > 0 ? `METADATA LONGENTRIES ${longest}` : undefined);
  },
});

async function valuesOf(
  { mailbox, entries, depth, maxSize }: CommandOf<'GETMETADATA'>,
  {
    of: { store, id },
    context: { session, attempt },
    policy,
  }: { readonly of: Annotated; readonly context: CommandContext; readonly policy: MetadataPolicy },
): Promise<readonly Found[]> {
  const { name: reader } = session.user;
  const { annotations } = await store.readAnnotations({ mailboxes: [id], reader, entries, depth, maxSize }, attempt);
  const own = mailbox === null ? serverEntries(policy, { entries, depth }) : [];
  const fits = (value: Buffer): boolean => maxSize === null || value.length <= maxSize;
  return [
    ...own.map(([entry, value]) => ({ entry, octets: value.length, value: fits(value) ? value : null })),
    ...annotations,
  ];
}
