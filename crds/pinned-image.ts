/**
 * Whether an image has a digest, or a tag that is not `latest`: without, another major version of the server could come with
 * any pull. That a tag is never moved to another one nobody but its registry can promise.
 */
export const isPinnedImage = (image: string): boolean =>
  image.includes('@') || (TAGGED.test(image) && !image.endsWith(':latest'));

/** The port of a registry is followed by a path. */
const TAGGED = /:[^/:]+$/;

/** The same of `self.image`. */
export const PINNED_IMAGE_IN_CEL =
  "self.image.contains('@') || (self.image.matches(':[^/:]+$') && !self.image.endsWith(':latest'))";
