import { SEPARATOR } from '../../acl/separator.ts';
import type { Sharing } from '../../acl/sharing.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 2342: one personal namespace without prefix, that of other users, and those that are shared. */
export const namespace = (sharing: Pick<Sharing, 'prefix' | 'levels'>): CommandHandler<'NAMESPACE'> => ({
  name: 'NAMESPACE',
  states: SIGNED_IN,
  capability: 'NAMESPACE',
  async run(_, { session, output }) {
    const writer = new ResponseWriter(session.mailboxNames);
    const { prefix, levels } = sharing;
    writer.raw('* NAMESPACE (("" "/"))');
    writeLevels(
      writer,
      levels.filter((level) => level === prefix),
    );
    writeLevels(
      writer,
      levels.filter((level) => level !== prefix),
    );
    await output.write(writer.crlf().take());
    return ok('NAMESPACE completed');
  },
});

function writeLevels(writer: ResponseWriter, levels: readonly string[]): void {
  writer.space();
  if (levels.length === 0) writer.nil();
  for (const [n, level] of levels.entries()) {
    writer
      .raw(n === 0 ? '((' : '(')
      .quotedMailbox(`${level}${SEPARATOR}`)
      .raw(n === levels.length - 1 ? ' "/"))' : ' "/")');
  }
}
