export type EtcdInputs = { readonly dataFolder: string; readonly clientPort: number; readonly peerPort: number };

/** One etcd on loopback, without TLS: nobody but the API server beside it can reach it, or it is a test on one machine. */
export function etcdArguments({ dataFolder, clientPort, peerPort }: EtcdInputs): readonly string[] {
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${dataFolder}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // What is lost with the machine is a test's cluster; waiting for its disk would make every write slow.
    '--unsafe-no-fsync',
  ];
}
