import type { MailboxServices } from '../mailbox/mailbox-services.ts';
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

/** The commands that select a mailbox or work on the selected one. */
export const selectedCommands = (
  services: MailboxServices,
  options: { readonly idleKeepAliveMs?: number } = {},
): readonly CommandHandler[] => [
  select(services, 'SELECT'),
  select(services, 'EXAMINE'),
  check,
  close(services),
  unselect,
  expunge(services),
  search,
  fetch(services),
  store(services),
  copy(services, 'COPY'),
  copy(services, 'MOVE'),
  idle({ keepAliveMs: options.idleKeepAliveMs ?? IDLE_KEEP_ALIVE_MS }),
];
