import { once } from 'node:events';
import { connect } from 'node:net';
import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { CLUSTER_VARIABLE } from '../../clusters/connect-cluster.ts';
import { openDoor } from './door.ts';
import { WAY_IN_VARIABLE, wayIn } from './way-in.ts';

test('addresses of a local cluster lead there, those of others do not; a person may ask for the longer way', () => {
  const local = { [CLUSTER_VARIABLE]: JSON.stringify({ provider: 'local', socket: 'x' }) };
  const kind = { [CLUSTER_VARIABLE]: JSON.stringify({ provider: 'kind', kubeconfig: 'x' }) };
  expect([wayIn(local), wayIn(kind), wayIn({})]).toEqual(['direct', 'forwarded', 'forwarded']);
  expect(wayIn({ ...local, [WAY_IN_VARIABLE]: 'forwarded' })).toBe('forwarded');
  expect(() => wayIn({ [WAY_IN_VARIABLE]: 'tunnel' })).toThrow(/direct or forwarded/);
});

test('a door passes what comes, both ways, and each end ends the other', async () => {
  const [here, there] = duplexPair();
  const { host, port } = await openDoor(() => Promise.resolve(here));
  const socket = connect({ host, port });
  socket.write('to the pod');
  expect(String(await once(there, 'data'))).toBe('to the pod');
  there.end('and back');
  expect((await buffer(socket)).toString()).toBe('and back');
});

test('where nobody is behind the door the connection ends', async () => {
  const { host, port } = await openDoor(() => Promise.reject(new Error('gone')));
  const socket = connect({ host, port });
  await once(socket, 'close');
});
