import packageFile from '../package.json' with { type: 'json' };

/** Of imapctl. */
export const version: string = packageFile.version;
