import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { CommandContext } from '../command-handler.ts';

type Context = Pick<CommandContext, 'session' | 'output' | 'suppliedNames'>;

export type OldName = {
  /** As it is spelt here. */
  readonly name: string;
  /** As the client wrote the name, or the one before it (RENAME). */
  readonly old: string;
  readonly attributes?: readonly string[];
};

/** `* LIST () "/" name`, with OLDNAME where the client called it otherwise (RFC 9051, 6.3.9.7). */
export function writeName(writer: ResponseWriter, { name, old, attributes = [] }: OldName): void {
  writer.raw('* LIST ').atoms(attributes).raw(' "/" ').mailbox(name);
  if (old !== name) writer.raw(' ("OLDNAME" (').mailbox(old).raw('))');
  writer.crlf();
}

/**
 * Tells a client of IMAP4rev2 how a name is spelt that it wrote otherwise: names are kept in Unicode's composed form, and it
 * would look for its own spelling in vain.
 */
export async function tellOldName(context: Context, renamed: OldName): Promise<void> {
  if (!context.session.rev2 || context.suppliedNames.size === 0) return;
  const writer = new ResponseWriter(context.session.mailboxNames);
  writeName(writer, renamed);
  await context.output.write(writer.take());
}

/** As the client wrote the name. */
export const asWritten = ({ suppliedNames }: Pick<Context, 'suppliedNames'>, name: string): string =>
  suppliedNames.get(name) ?? name;
