/** Where a cluster of the user's pulls the images of the tests from; set by `--registry` of `npm run e2e`. */
export const REGISTRY_VARIABLE = 'IMAPCLUSTER_E2E_REGISTRY';
/** Where those that the tests load onto nodes are. */
const LOADED = 'localhost';

/** What stands before the names of images, without a slash at its end. */
export const imageRegistry = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment[REGISTRY_VARIABLE] ?? LOADED;
