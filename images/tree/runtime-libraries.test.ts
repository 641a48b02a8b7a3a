import { expect, test } from 'vitest';
import { runtimeLibraries } from './runtime-libraries.ts';

test('libraries of the compiler come along, those of the system are the image’s own', () => {
  const ldd = [
    '\tlinux-vdso.so.1 (0x00007ffb55c6e000)',
    '\tlibatomic.so.1 => /lib/x86_64-linux-gnu/libatomic.so.1 (0x00007ffb55c53000)',
    '\tlibstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007ffb55800000)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007ffb5561e000)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007ffb55c70000)',
  ].join('\n');
  expect(runtimeLibraries(ldd)).toEqual({
    brought: ['/lib/x86_64-linux-gnu/libatomic.so.1', '/lib/x86_64-linux-gnu/libstdc++.so.6'],
    system: ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2'],
  });
});
