import { join } from 'node:path';

/** The Unix socket of a server, named by its port: servers of one machine may share the folder. */
export const serverSocket = (folder: string, port: number): string => join(folder, `server.${port}.sock`);
