import { RequestError, Server } from 'proxy-chain';

export interface TestProxy {
  readonly port: number;
  /** host:port of every tunnel that was asked for. */
  readonly targets: readonly string[];
  close(): Promise<void>;
}

/** A real HTTP CONNECT proxy on loopback, asking for the given sign-in where one is given, and refusing every target by choice. */
export async function startHttpProxy(
  signIn: { readonly user: string; readonly password: string } | null = null,
  refusesTargets = false,
): Promise<TestProxy> {
  const targets: string[] = [];
  const server = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction: ({ username, password, hostname, port }) => {
      targets.push(`${hostname}:${port}`);
      const isWrong = signIn !== null && (username !== signIn.user || password !== signIn.password);
      if (!isWrong && refusesTargets) throw new RequestError('This target is not allowed', 403);
      return { requestAuthentication: isWrong };
    },
  });
  await server.listen();
  return { port: server.port, targets, close: () => server.close(true) };
}
