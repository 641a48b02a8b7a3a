import { namesNumbers } from '../../mailbox/search/search-plan.ts';
import type { Command } from '../../protocol/command.ts';

/** RFC 9586, 3: what no command may do once UIDONLY is enabled, with `*` in place of a number neither. `$` is none. */
export function usesMessageNumbers(command: Command): boolean {
  switch (command.name) {
    case 'FETCH':
    case 'STORE':
    case 'COPY':
    case 'MOVE':
    case 'REPLACE':
      return !command.uid;
    case 'SEARCH':
    case 'SORT':
    case 'THREAD':
      return !command.uid || namesNumbers(command.key);
    case 'ESEARCH':
      return namesNumbers(command.key);
    case 'SELECT':
    case 'EXAMINE':
      return command.qresync !== null && command.qresync.match !== null;
    default:
      return false;
  }
}
