import { ANY_STATE, type CommandHandler } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** Fields of RFC 2971, 3.3 that say which program this is; others are of no use to whoever reads the log. */
const FIELDS = ['name', 'version', 'vendor', 'os', 'os-version'];
/** A line of the log is nobody's store. */
const LONGEST = 100;

const told = (fields: readonly (readonly [name: string, value: string | null])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.flatMap(([given, value]) => {
      const name = given.toLowerCase();
      return FIELDS.includes(name) && value !== null ? [[name, value.slice(0, LONGEST)] as const] : [];
    }),
  );

/** RFC 2971. Tells no version to strangers; what the client says of itself goes to the log, for support: once, however often it is said. */
export const id: CommandHandler<'ID'> = {
  name: 'ID',
  states: ANY_STATE,
  capability: 'ID',
  async run(command, { session, output, log }) {
    const client = told(command.fields ?? []);
    if (session.identify()) log.event('ClientIdentified', { user: session.userName, client });
    await output.write('* ID ("name" "imapcluster")\r\n');
    return ok('ID completed');
  },
};
