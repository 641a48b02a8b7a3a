import type { Unfit } from '../engine-server.ts';
import type { PostgresFacts } from './server-facts.ts';

/** PostgreSQL 15: the oldest that is tested. */
const OLDEST = 150_000;

/** `members`: how many there are, each of which may stream from this one. */
export function unfit({ superuser, username, settings }: PostgresFacts, members: number): Unfit | null {
  if (!superuser) {
    const message = `${username} is no superuser: ALTER ROLE ${username} SUPERUSER, or name another role in the Secret`;
    return { code: 'NotSuperuser', message };
  }
  const wrong = Object.entries(wants(members)).flatMap(([name, want]) => {
    const value = settings[name];
    if (value !== undefined && want.holds(value)) return [];
    return [`${name} is ${value ?? 'unknown'} and has to be ${want.words}`];
  });
  return wrong.length === 0 ? null : { code: 'SettingsUnfit', message: wrong.join('; ') };
}

type Want = { readonly words: string; readonly holds: (value: string) => boolean };

const oneOf = (...values: readonly string[]): Want => ({
  words: values.join(' or '),
  holds: (value) => values.includes(value),
});

const atLeast = (least: number): Want => ({
  words: `at least ${least}`,
  holds: (value) => Number(value) >= least,
});

const wants = (members: number): Readonly<Record<string, Want>> => ({
  server_version_num: atLeast(OLDEST),
  fsync: oneOf('on'),
  full_page_writes: oneOf('on'),
  synchronous_commit: oneOf('on', 'remote_apply'),
  wal_level: oneOf('replica', 'logical'),
  hot_standby: oneOf('on'),
  // Who was detached must not go on receiving from an archive, nor may anybody be late on purpose.
  restore_command: { words: 'empty', holds: (value) => value === '' },
  recovery_min_apply_delay: { words: '0', holds: (value) => value === '0' },
  // Every other one, and a copy being made for one that comes back.
  max_wal_senders: atLeast(members),
  max_replication_slots: atLeast(members),
});
