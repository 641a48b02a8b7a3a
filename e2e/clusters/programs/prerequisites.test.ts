import { expect, test } from 'vitest';
import { checks } from './prerequisite-table.ts';
import { explainMissing } from './prerequisites.ts';

test('what is missing, why, and one line to install it all', () => {
  const [gcc, pkgConfig, seccomp] = checks.cgo;
  expect(explainMissing([gcc, pkgConfig, seccomp])).toBe(
    [
      'this machine lacks:',
      '  gcc: runc needs a C compiler',
      '  pkg-config: runc finds libseccomp by it',
      '  libseccomp: runc filters system calls with it; without it no container starts',
      'On Debian or Ubuntu: apt-get install gcc libc6-dev pkg-config libseccomp-dev',
    ].join('\n'),
  );
});

test('where no package helps, what does', () => {
  const [linux] = checks.local;
  expect(explainMissing([linux])).toContain('--provider kind');
  expect(explainMissing([linux])).not.toContain('apt-get');
});
