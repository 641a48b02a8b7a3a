/** API group and version of every kind of this project. One stored version; it only ever gains optional fields. */
export const GROUP = 'imapcluster.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
