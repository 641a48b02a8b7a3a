import { type InitialFlags, type SystemFlag, systemFlags } from '../../store/types.ts';

const isSystemFlag = (flag: string): flag is SystemFlag => Object.hasOwn(systemFlags, flag);

/** Flags as a client names them, into bits and keywords. `\Recent` is no client's to set (RFC 3501, 2.3.2): left out. */
export function splitFlags(flags: readonly string[]): InitialFlags {
  const system = flags.filter(isSystemFlag).reduce((bits, flag) => bits | systemFlags[flag], 0);
  return { system, keywords: flags.filter((flag) => !flag.startsWith('\\')) };
}
