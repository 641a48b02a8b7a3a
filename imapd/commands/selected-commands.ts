import type { MailboxServices } from '../mailbox/mailbox-services.ts';
import type { Capabilities } from './capability-table.ts';
import { check } from './check.ts';
import { close } from './close.ts';
import type { CommandHandler } from './command-handler.ts';
import { copy } from './copy.ts';
import { expunge } from './expunge.ts';
import { fetch } from './fetch.ts';
import { IDLE_KEEP_ALIVE_MS, idle } from './idle.ts';
import { search } from './search.ts';
import { select } from './select.ts';
import { store } from './store.ts';
import { unselect } from './unselect.ts';

export type SelectedCommandsOptions = {
  readonly capabilities: Capabilities;
  readonly idleKeepAliveMs?: number;
};

/** The commands that select a mailbox or work on the selected one. */
export const selectedCommands = (
  services: MailboxServices,
  options: SelectedCommandsOptions,
): readonly CommandHandler[] => [
  select(services, 'SELECT'),
  select(services, 'EXAMINE'),
  check,
  close(services),
  unselect,
  expunge(services, options.capabilities),
  search(options.capabilities),
  fetch(services),
  store(services),
  copy('COPY', { services, capabilities: options.capabilities }),
  copy('MOVE', { services, capabilities: options.capabilities }),
  idle({ keepAliveMs: options.idleKeepAliveMs ?? IDLE_KEEP_ALIVE_MS }),
];
