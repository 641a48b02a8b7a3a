import { expect, test } from 'vitest';
import { enginesWanted } from './engines-wanted.ts';

test.each([
  { names: [], engines: 3 },
  { names: ['engines'], engines: 3 },
  { names: ['install', './e2e/engines.test.ts'], engines: 3 },
  { names: ['install', 'primary-killed'], engines: 1 },
])('$names need the images of $engines engines', ({ names, engines }) => {
  expect(enginesWanted(names)).toHaveLength(engines);
});
