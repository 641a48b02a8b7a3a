import type { Sharing } from '../../acl/sharing.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import type { Limits } from '../../protocol/limits.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { idle } from '../authenticated/idle.ts';
import { select } from '../authenticated/select.ts';
import type { CommandHandler } from '../command-handler.ts';
import { cancelUpdate } from './cancel-update.ts';
import { check } from './check.ts';
import { close } from './close.ts';
import { copy } from './copy.ts';
import { expunge } from './expunge.ts';
import { fetch } from './fetch.ts';
import type { KeepUpLimits } from './keep-up.ts';
import { replace } from './replace.ts';
import { search } from './search.ts';
import { sort } from './sort.ts';
import { store } from './store.ts';
import { thread } from './thread.ts';
import { unselect } from './unselect.ts';

export type SelectedCommandsOptions = {
  readonly capabilities: Capabilities;
  readonly sharing: Sharing;
  readonly limits: Limits;
  /** Between two signs of life in IDLE. */
  readonly idleKeepAliveMs: number;
  readonly now: () => Date;
} & KeepUpLimits;

/** The commands that select a mailbox or work on the selected one. */
export const selectedCommands = (
  services: MailboxServices,
  options: SelectedCommandsOptions,
): readonly CommandHandler[] => [
  select('SELECT', { ...options, services }),
  select('EXAMINE', { ...options, services }),
  check,
  close(services),
  unselect,
  expunge(services, options.capabilities),
  search(options),
  sort(options),
  thread(options),
  cancelUpdate,
  fetch(services, options.capabilities),
  store(services, options.capabilities),
  copy('COPY', { ...options, services }),
  copy('MOVE', { ...options, services }),
  replace({ ...options, services }),
  idle({ keepAliveMs: options.idleKeepAliveMs }),
];
