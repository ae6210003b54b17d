import assert from 'node:assert/strict';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { DomainError } from '#lib/errors.ts';
import type { Fault } from '../fault.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground } from '../support/ground.ts';

/** What the verb of the API does with mails that nobody should send; those that it takes are accepted. */
async function handIn(ground: Ground, desk: Desk, mails: readonly unknown[]): Promise<number> {
  let refused = 0;
  for (const mail of mails) {
    try {
      for (const result of await acceptBatch(ground.ctx, desk.project.slug, [mail])) {
        if (result.kind === 'accepted') desk.accepted.push(result.message.id);
        else refused += 1;
      }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refused += 1;
    }
  }
  return refused;
}

/** Facts, fault 29. */
export const hugeMails: Fault = {
  name: 'huge-mails',
  title:
    'too many recipients, a subject of a megabyte, ten thousand headers, 40 MB: refused at the door; large ones arrive',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink();
    const desk = await ground.openDesk(sink, { connection: { maxConnections: 2 } });
    const to = 'reader@example.test';
    const many = Array.from({ length: 1_001 }, (_, index) => `reader${index}@example.test`);
    const headers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`X-Note-${index}`, 'x']),
    );
    const content = Buffer.alloc(40_000_000).toString('base64');
    const refused = await handIn(ground, desk, [
      { to: many, subject: 'x', text: 'x' },
      { to, subject: 'x'.repeat(1_000_000), text: 'x' },
      { to, subject: 'x', text: 'x', headers },
      {
        to,
        subject: 'x',
        text: 'x',
        attachments: [{ filename: 'a.bin', contentType: 'application/octet-stream', content }],
      },
    ]);
    assert.equal(refused, 4);
    await desk.accept(2, { bodyBytes: 8_000_000 });
    await desk.accept(1, { to: many.slice(0, 500) });
    await desk.settled();
    assert.equal(sink.server.deliveries.at(0)?.reply.slice(0, 3), '250');
  },
};

/** Facts, fault 32. */
export const filesAndAddresses: Fault = {
  name: 'files-and-addresses',
  title:
    'attachments by path, by address and by link, and images of this machine in the text: nothing of it is read',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink();
    const desk = await ground.openDesk(sink);
    const to = 'reader@example.test';
    const named = [
      { path: '/etc/passwd' },
      { href: 'http://127.0.0.1:1/' },
      { raw: 'x' },
      { content: { path: '/etc/passwd' } },
    ];
    const refused = await handIn(
      ground,
      desk,
      named.map((part) => ({ to, subject: 'x', text: 'x', attachments: [{ filename: 'a.txt', ...part }] })),
    );
    assert.equal(refused, named.length);
    await handIn(ground, desk, [
      {
        to,
        subject: 'x',
        html: '<img src="file:///etc/passwd"><img src="http://127.0.0.1:1/x.png"><a href="data:,x">x</a>',
      },
      { to, subject: 'x', text: 'file:///etc/passwd' },
    ]);
    await desk.settled();
    assert.equal(sink.server.contents.length, 2);
    assert.ok(!sink.server.contents.some((content) => content.includes('root:')));
  },
};
