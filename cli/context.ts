import type { ClusterConnection } from './connection/cluster-connection.ts';

/** What every command is given; made once the command line has been read. */
export type Context = { readonly connect: () => Promise<ClusterConnection> };

/** Opens a connection, hands it to `use`, and closes it whatever happens. */
export async function withConnection<T>(
  { connect }: Context,
  use: (connection: ClusterConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect();
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}
