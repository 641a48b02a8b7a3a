/** Numeric user to run as. Only a process started by root can change. */
export type RunAs = { readonly uid: number; readonly gid: number };

/** Gives up root for good. Call after every module is loaded and every privileged port is bound. */
export function dropPrivileges(to: RunAs | null): void {
  if (to === null || process.getuid === undefined || process.getuid() !== 0) return;
  if (process.setgroups === undefined || process.setgid === undefined || process.setuid === undefined) return;
  process.setgroups([]);
  process.setgid(to.gid);
  process.setuid(to.uid);
}
