import { ResponseWriter } from '../../protocol/response-writer.ts';
import { SERVER } from '../../store/annotations.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { writeMetadata } from './metadata-line.ts';
import type { MetadataPolicy } from './metadata-policy.ts';
import { serverEntries } from './server-entries.ts';

type Value = readonly [entry: string, value: Buffer];

/** RFC 5464, 4.2. */
export const getMetadata = (policy: MetadataPolicy): CommandHandler<'GETMETADATA'> => ({
  name: 'GETMETADATA',
  states: SIGNED_IN,
  capability: 'METADATA',
  async run(command, context) {
    const { mailbox, maxSize, entries, depth } = command;
    const found = await valuesOf(command, context, policy);
    if (found === null) return no('There is no such mailbox', 'NONEXISTENT');
    const fits = ([, value]: Value): boolean => maxSize === null || value.length <= maxSize;
    const known = new Map<string, Buffer>(found);
    // What was asked for by name and does not exist is told, too.
    const missing = depth === 0 ? entries.filter((entry) => !known.has(entry)) : [];
    const values = [...found.filter(fits), ...missing.map((entry) => [entry, null] as const)];
    if (values.length > 0) {
      const writer = new ResponseWriter(context.session.mailboxNames);
      writeMetadata(writer, { mailbox, values });
      await context.output.write(writer.take());
    }
    const longest = Math.max(0, ...found.filter((value) => !fits(value)).map(([, value]) => value.length));
    return ok('GETMETADATA completed', longest > 0 ? `METADATA LONGENTRIES ${longest}` : undefined);
  },
});

/** null: there is no such mailbox. */
async function valuesOf(
  { mailbox, entries, depth }: CommandOf<'GETMETADATA'>,
  { session, attempt }: CommandContext,
  policy: MetadataPolicy,
): Promise<readonly Value[] | null> {
  const { name: reader, store } = session.user;
  const id = mailbox === null ? SERVER : (await store.findMailbox(reader, mailbox, attempt))?.id;
  if (id === undefined) return null;
  const stored = await store.readAnnotations({ mailboxes: [id], reader, entries, depth }, attempt);
  const own = mailbox === null ? serverEntries(policy, { entries, depth }) : [];
  return [...own, ...stored.map(({ entry, value }) => [entry, value] as const)];
}
