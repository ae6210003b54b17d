import { Socket } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

/** Counts the TCP connections that this process opens, by the port they went to: proxies in it count like clients. */
export function watchOutgoing(): { to(port: number): number } {
  const ports: (number | undefined)[] = [];
  const connect = Reflect.get(Socket.prototype, 'connect');
  function watched(this: Socket, ...given: readonly unknown[]): Socket {
    this.once('connect', () => ports.push(this.remotePort));
    return Reflect.apply(connect, this, given);
  }
  beforeAll(() => {
    Socket.prototype.connect = watched;
  });
  afterAll(() => {
    Socket.prototype.connect = connect;
  });
  return { to: (wanted) => ports.filter((port) => port === wanted).length };
}
