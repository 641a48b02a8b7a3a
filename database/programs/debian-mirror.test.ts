import { expect, test } from 'vitest';
import { mirrorIn } from './debian-mirror.ts';

test.each([
  ['Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm', 'http://deb.debian.org/debian'],
  ['deb http://mirror.example/debian bookworm main', 'http://mirror.example/debian'],
  ['deb [signed-by=/x.gpg arch=amd64] http://mirror.example/debian/ bookworm main', 'http://mirror.example/debian/'],
  ['# deb http://off.example/debian x main\ndeb http://on.example/debian x main', 'http://on.example/debian'],
  ['deb http://packages.example/other stable main', null],
  ['URIs: http://deb.debian.org/debian-security', null],
  ['', null],
])('%j names %j', (sources, mirror) => {
  expect(mirrorIn(sources)).toBe(mirror);
});
