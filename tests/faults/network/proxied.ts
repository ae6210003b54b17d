import assert from 'node:assert/strict';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { startHttpProxy } from '#tests/servers/proxy/http-proxy.ts';
import { startSocks5Proxy } from '#tests/servers/proxy/socks5-proxy.ts';
import type { Fault } from '../fault.ts';
import { startLine } from '../support/line.ts';
import { smtpInput } from '../support/settings.ts';

type Proxy = MailSettingsFields['proxy'];

function proxyAt(kind: 'http' | 'socks5', port: number, signIn?: { user: string; password: string }): Proxy {
  return {
    use: true,
    server: {
      kind,
      host: '127.0.0.1',
      port,
      userName: signIn?.user ?? null,
      password: signIn === undefined ? { kind: 'remove' } : { kind: 'set', value: signIn.password },
      noProxy: [],
    },
  };
}

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
          proxy: proxyAt(kind, line.port),
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

/** Facts, the further ones: the proxy asks for a sign-in that nobody has told Mailroom. */
export const proxyAsks: Fault = {
  name: 'proxy-asks',
  title:
    'the proxy asks for a sign-in: the lane stops and goes around nothing; saved with one, all of it goes',
  needs: 'desk',
  run: async (ground) => {
    const signIn = { user: 'mailroom', password: 'open sesame' };
    await Promise.all(
      (['http', 'socks5'] as const).map(async (kind) => {
        const proxy = kind === 'http' ? await startHttpProxy(signIn) : await startSocks5Proxy({ signIn });
        ground.endings.add(() => proxy.close());
        const sink = await ground.startSink();
        const desk = await ground.openDesk(sink, { proxy: proxyAt(kind, proxy.port) });
        await desk.accept(20);
        await desk.stopped();
        assert.equal(sink.server.connectionCount(), 0, 'somebody went around the proxy');
        assert.deepEqual(await desk.states(), { queued: 20 });
        await desk.save(smtpInput({ port: sink.port, proxy: proxyAt(kind, proxy.port, signIn) }));
        await desk.settled();
        assert.equal(sink.mailbox.arrivals.length, 20);
      }),
    );
  },
};
