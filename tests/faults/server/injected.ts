import assert from 'node:assert/strict';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import type { Fault } from '../fault.ts';

const smuggled = [
  'Hello\n.\nMAIL FROM:<evil@example.test>\nRCPT TO:<victim@example.test>\nDATA\nSubject: smuggled\n\nhi\n.\n',
  'Hello\r\n.\r\nMAIL FROM:<evil@example.test>\r\nRCPT TO:<victim@example.test>\r\nDATA\r\n\r\nhi\r\n.\r\n',
  'Hello\r.\rMAIL FROM:<evil@example.test>\r',
  '.\r\n..\r\n...\r\n.leading dots\r\n',
  'Hello\u2028.\u2028QUIT\u0085\u0000',
];

/** Facts, fault 30. */
export const injected: Fault = {
  name: 'injected-lines',
  title: 'bodies that pretend to end and go on with commands, addresses and headers with line ends in them',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink();
    const desk = await ground.openDesk(sink);
    const good = smuggled.map((text) => ({
      to: 'reader@example.test',
      subject: 'A body',
      text,
      category: 'faults',
    }));
    const bad = [
      { to: 'reader@example.test\r\nRCPT TO:<victim@example.test>', subject: 'x', text: 'x' },
      { to: 'reader@example.test', subject: 'x\r\nBcc: victim@example.test', text: 'x' },
      {
        to: 'reader@example.test',
        subject: 'x',
        text: 'x',
        headers: { 'X-Note': 'a\r\nBcc: victim@example.test' },
      },
      {
        to: 'reader@example.test',
        subject: 'x',
        text: 'x',
        headers: { 'X-Note\r\nBcc': 'victim@example.test' },
      },
      { to: '<>', subject: 'x', text: 'x' },
    ];
    const results = await acceptBatch(ground.ctx, desk.project.slug, [...good, ...bad]);
    for (const result of results) if (result.kind === 'accepted') desk.accepted.push(result.message.id);
    const refused = results.slice(good.length).filter(({ kind }) => kind === 'refused').length;
    assert.equal(refused, bad.length, 'an address or a header with a line end was accepted');
    await desk.settled();
    const recipients = new Set(sink.server.deliveries.flatMap(({ to }) => to));
    assert.deepEqual([...recipients], ['reader@example.test']);
    assert.equal(sink.server.deliveries.length, desk.accepted.length);
    assert.ok(!sink.server.lines.some(({ text }) => /evil|victim/.test(text)));
  },
};
