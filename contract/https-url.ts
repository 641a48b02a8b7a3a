/** A URL of https with a host; what is still wrong in one (a port that is too large) its user finds out by `URL.canParse`. */
export const HTTPS_URL = '^https://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?(/[!-~]*)?$';
