import assert from 'node:assert/strict';
import { startHttpProxy } from '#tests/servers/proxy/http-proxy.ts';
import { startSocks5Proxy } from '#tests/servers/proxy/socks5-proxy.ts';
import type { Fault } from '../fault.ts';
import { startLine } from '../support/line.ts';

/** The proxy of a project, of both kinds, dies and comes back at its address. */
export const dyingProxy: Fault = {
  name: 'dying-proxy',
  title:
    'the proxy breaks all its connections in mid-drain and is away for some seconds: nothing goes around it',
  needs: 'desk',
  run: async (ground) => {
    await Promise.all(
      (['http', 'socks5'] as const).map(async (kind) => {
        const proxy = kind === 'http' ? await startHttpProxy() : await startSocks5Proxy();
        ground.endings.add(() => proxy.close());
        // The line to the proxy is what dies: a proxy that is started anew would have another port.
        const line = await startLine(proxy.port, ground.endings);
        const sink = await ground.startSink();
        const desk = await ground.openDesk(sink, {
          proxy: {
            use: true,
            server: {
              kind,
              host: '127.0.0.1',
              port: line.port,
              userName: null,
              password: { kind: 'remove' },
              noProxy: [],
            },
          },
        });
        await desk.accept(150);
        await sink.mailbox.reached(10 + ground.random.below(80));
        line.isDown = true;
        line.cut();
        const before = sink.server.connectionCount();
        await desk.accept(10);
        await ground.pauseUpTo(4_000);
        assert.equal(sink.server.connectionCount(), before, 'somebody went around the proxy');
        line.isDown = false;
        await desk.settled();
        assert.ok(proxy.targets.length > 1);
      }),
    );
  },
};
