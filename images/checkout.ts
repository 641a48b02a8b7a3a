import { join } from 'node:path';

/** Where the sources and node_modules are. */
export const CHECKOUT = join(import.meta.dirname, '..');
