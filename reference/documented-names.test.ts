import { expect, test } from 'vitest';
import { documentedPages } from './documented-pages.ts';

// Promise: a field of a manifest, a status or a configuration, or a value of the chart, that a page names by its path is in
// one of the reference pages, which are written from the sources.

const pages = documentedPages();
const isReference = (path: string): boolean => path.startsWith('docs/reference/') || path.startsWith('charts/');
/** `failover.delay`, `spec.paused: true`. */
const NAMED = /`([a-z]\w*(?:\.[a-zA-Z]\w*)+)(?:: [^`]*)?`/g;
const FILE = /\.(?:conf|json|md|mod|sum|yaml|ts)$/;
/** Fields of Kubernetes' own. */
const FOREIGN = /^(?:metadata|terminated)\./;

const referenced = new Set(
  pages
    .filter(({ path }) => isReference(path))
    .flatMap(({ text }) => [...text.matchAll(/`([A-Za-z][\w.[\]]*)`/g)].map(([, name = '']) => name)),
);

/** Whole, or the end, the middle or the beginning of a path that a reference page has. */
function isKnown(name: string): boolean {
  const path = name.replace(/^(?:spec|status)\./, '');
  return [...referenced].some((known) => `.${known}.`.includes(`.${path}.`));
}

test('fields and values that pages name', () => {
  const named = pages
    .filter(({ path }) => !isReference(path) && !path.startsWith('docs/adr/'))
    .flatMap(({ path, text }) => [...text.matchAll(NAMED)].map(([, name = '']) => ({ path, name })))
    .filter(({ name }) => !FILE.test(name) && !FOREIGN.test(name));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ name }) => !isKnown(name))).toEqual([]);
});
