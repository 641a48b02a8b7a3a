import { ANY_STATE, type CommandHandler } from '../command-handler.ts';
import { ok } from '../completion.ts';

/** RFC 2971. Tells no version to strangers; what the client says of itself goes to the log, for support. */
export const id: CommandHandler<'ID'> = {
  name: 'ID',
  states: ANY_STATE,
  capability: 'ID',
  async run(command, { output, log }) {
    log.debug({ client: Object.fromEntries(command.fields ?? []) }, 'client identifies itself');
    await output.write('* ID ("name" "imapcluster")\r\n');
    return ok('ID completed');
  },
};
