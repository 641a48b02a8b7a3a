import type { Logger } from '#runtime/logger.ts';
import type { RightToWrite } from '../../api/api-client.ts';

/**
 * The log of what acts while this operator leads. Once it does not, everything that was under way fails, which nobody has to be
 * told of: that the leadership has ended is.
 */
export const ledLog = (log: Logger, right: RightToWrite): Logger => ({
  event(code, fields, message) {
    if (code === 'Unexpected' && right.signal.aborted) log.debug({ ...fields, code }, message ?? 'broken off');
    else log.event(code, fields, message);
  },
  debug: (fields, message) => log.debug(fields, message),
  child: (bindings) => ledLog(log.child(bindings), right),
});
