import type { Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { normalizeHost, parseAddress, type AddressGuard } from './address-guard.ts';
import { connectToAddresses } from './connect-address.ts';
import { ConnectError, type ConnectFault } from './connect-faults.ts';
import { openTunnel } from './connect-proxy.ts';
import { bypassesProxy } from './no-proxy.ts';
import { lookupBySystem, resolveHost, type HostLookup } from './resolve-host.ts';

export interface SocketTarget {
  readonly host: string;
  readonly port: number;
}

export interface ProxySettings {
  readonly kind: 'http' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly userName: string | null;
  readonly password: string | null;
  /** Hosts that are reached without the proxy: names, ".suffixes", addresses, networks, "*". */
  readonly noProxy: readonly string[];
}

export interface ConnectOptions {
  readonly guard: AddressGuard;
  readonly proxy: ProxySettings | null;
  readonly dnsTimeoutMs: number;
  /** For everything together: resolving, every address tried, the proxy's handshake. */
  readonly connectTimeoutMs: number;
  readonly lookup?: HostLookup | undefined;
}

export type ConnectStage = ConnectFault['stage'];

/** Tells a live view which step has begun; `detail` is shown beside the step that it ends. */
export type ConnectObserver = (
  stage: ConnectStage,
  event: 'running' | 'done',
  detail?: string | null,
) => void;

export type ConnectResult =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly fault: ConnectFault };

/**
 * The one door to the network for addresses that users configured: resolves once, checks every address, connects to
 * a checked one (so a changed DNS answer changes nothing), directly or through the project's proxy. The socket comes
 * back connected, paused and without listeners; faults are values.
 */
export async function openGuardedSocket(
  target: SocketTarget,
  options: ConnectOptions,
  signal: AbortSignal,
  observe: ConnectObserver = () => undefined,
): Promise<ConnectResult> {
  const timeout = AbortSignal.timeout(options.connectTimeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const door = { options, signal: either, observe, deadline: performance.now() + options.connectTimeoutMs };
  try {
    const proxy = options.proxy;
    const throughProxy = proxy !== null && !bypassesProxy(target, proxy.noProxy);
    const socket = throughProxy ? await throughTheProxy(target, proxy, door) : await directly(target, door);
    return { ok: true, socket };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return { ok: false, fault: nameTimeout(error.fault, timeout.aborted && !signal.aborted) };
  }
}

interface Door {
  readonly options: ConnectOptions;
  readonly signal: AbortSignal;
  readonly observe: ConnectObserver;
  readonly deadline: number;
}

async function directly(target: SocketTarget, door: Door): Promise<Socket> {
  const { options, signal, observe, deadline } = door;
  observe('resolve', 'running');
  const lookup = options.lookup ?? lookupBySystem;
  const addresses = await resolveHost(target.host, lookup, options.dnsTimeoutMs, signal);
  if (!addresses.every((address) => options.guard.allows(target.host, address, target.port))) {
    throw new ConnectError('resolve', 'ADDRESS_NOT_ALLOWED');
  }
  observe('resolve', 'done', addresses.join(', '));
  observe('connect', 'running');
  const socket = await connectToAddresses(addresses, target.port, deadline - performance.now(), signal);
  observe('connect', 'done', `${socket.remoteAddress ?? ''} port ${target.port}`);
  return socket;
}

async function throughTheProxy(target: SocketTarget, proxy: ProxySettings, door: Door): Promise<Socket> {
  const { options, signal, observe, deadline } = door;
  observe('proxy', 'running');
  // A literal in an unusual spelling, or an international name, goes to the proxy in the one form that was checked.
  const host = parseAddress(target.host)?.toString() ?? domainToASCII(normalizeHost(target.host));
  if (!options.guard.allowsUnresolved(host, target.port)) {
    throw new ConnectError('proxy', 'ADDRESS_NOT_ALLOWED');
  }
  const socket = await connectToProxy(proxy, { ...door, observe: () => undefined });
  await openTunnel(socket, proxy, { host, port: target.port }, deadline - performance.now(), signal);
  observe('proxy', 'done', `${proxy.host} port ${proxy.port}`);
  return socket;
}

async function connectToProxy(proxy: ProxySettings, door: Door): Promise<Socket> {
  try {
    return await directly({ host: proxy.host, port: proxy.port }, door);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const { code } = error.fault;
    const isOwn = code === 'ADDRESS_NOT_ALLOWED' || code === 'CONNECT_ABORTED';
    throw new ConnectError('proxy', isOwn ? code : 'PROXY_UNREACHABLE');
  }
}

/** The overall deadline reaches the inner steps as an abort; outside it is a time-out. */
function nameTimeout(fault: ConnectFault, isTimeout: boolean): ConnectFault {
  if (!isTimeout || fault.code !== 'CONNECT_ABORTED') return fault;
  switch (fault.stage) {
    case 'resolve':
      return { stage: 'resolve', code: 'DNS_TIMEOUT' };
    case 'connect':
      return { stage: 'connect', code: 'CONNECT_TIMEOUT' };
    case 'proxy':
      return { stage: 'proxy', code: 'PROXY_UNREACHABLE' };
    default: {
      const never: never = fault.stage;
      return never;
    }
  }
}
