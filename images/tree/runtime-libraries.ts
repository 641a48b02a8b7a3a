import { basename } from 'node:path';

export type RuntimeLibraries = {
  /** Of the C++ compiler: database images may lack them, so they come with our Node, and are taken where there are no others. */
  readonly brought: readonly string[];
  /** The C library and its loader: every glibc image has them, and they have to be its own. */
  readonly system: readonly string[];
};

const BROUGHT = /^(libatomic|libstdc\+\+|libgcc_s)\.so\./;
const LINE = /(\/\S+)(?= \(0x)/g;

/** Sorts the shared libraries of a program, by what `ldd` says of it. */
export function runtimeLibraries(ldd: string): RuntimeLibraries {
  const all = [...ldd.matchAll(LINE)].map(([path]) => path);
  const brought = all.filter((path) => BROUGHT.test(basename(path)));
  return { brought, system: all.filter((path) => !brought.includes(path)) };
}
