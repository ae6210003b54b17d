import { parseArgs } from 'node:util';
import { startHttpProxy } from './http-proxy.ts';
import { startSocks5Proxy } from './socks5-proxy.ts';

const usage = `Two proxies for tests on loopback: HTTP CONNECT and SOCKS5. Each says, when it ends, what it was asked for.

  node tests/servers/proxy/main.ts [--user NAME --password WORD]`;

const { values } = parseArgs({
  options: {
    user: { type: 'string' },
    password: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${usage}\n`);
} else {
  const { user, password } = values;
  const signIn = user === undefined ? null : { user, password };
  const http = await startHttpProxy(signIn);
  const socks5 = await startSocks5Proxy(signIn === null ? {} : { signIn });
  process.stdout.write(`HTTP CONNECT on 127.0.0.1:${http.port}, SOCKS5 on 127.0.0.1:${socks5.port}\n`);
  const end = async (): Promise<void> => {
    await Promise.all([http.close(), socks5.close()]);
    for (const target of [...http.targets, ...socks5.targets]) process.stdout.write(`${target}\n`);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
}
