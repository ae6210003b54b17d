import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '#tests/support/e2e.ts';
import { type MessageDesk, openMessageDesk } from '#tests/support/message-desk.ts';

// Words of this run alone, so that it can run twice on one installation.
const run = Date.now().toString(36);

let desk: MessageDesk;

test.beforeAll(async ({ browser }) => {
  desk = await openMessageDesk(browser, `preview ${run}`);
});

/** A server that counts who asks it for anything, and a mail that tries everything to make a reader ask it. */
async function startTrap() {
  const asked: string[] = [];
  let html = '';
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    response.setHeader('content-type', 'text/html');
    response.end(path === '/' ? html : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The trap has no port.');
  const at = `http://127.0.0.1:${address.port}`;
  html = `<!doctype html><html><head><link rel="stylesheet" href="${at}/style.css">
    <meta http-equiv="refresh" content="0; url=${at}/refresh">
    </head><body onload="new Image().src='${at}/onload'">
    <h1>A mail with traps</h1><script>document.title = 'ran'; new Image().src = '${at}/script'</script>
    <img src="${at}/image.png" alt="" width="1"><img src="x:" onerror="new Image().src='${at}/onerror'" alt="">
    <div style="background:url(${at}/background.png)">text</div><iframe src="${at}/frame"></iframe>
    <form action="${at}/form" method="get"><button>Confirm</button></form>
    <a href="javascript:void(new Image().src='${at}/link')">Open</a></body></html>`;
  return { asked, at, html, close: () => new Promise((done) => server.close(done)) };
}

test('the preview of a mail runs nothing and asks nobody', async ({ portal, page, context }) => {
  const trap = await startTrap();
  const mail = await desk.program.send({ to: ['kim@lakeside.example'], subject: 'Traps', html: trap.html });
  await portal.goto(`${desk.list}/${mail.id}`);
  await portal.getByRole('tab', { name: 'Content' }).click();
  const frame = portal.frameLocator('iframe[title="The mail as HTML"]');
  await expect(frame.getByRole('heading', { name: 'A mail with traps' })).toBeVisible();
  // The sandbox holds what these would start, so there is no navigation to wait for.
  await frame.getByRole('button', { name: 'Confirm' }).click({ noWaitAfter: true });
  await frame.getByRole('link', { name: 'Open' }).click({ noWaitAfter: true });
  // The same address opened by itself is no way around the frame.
  const alone = await context.newPage();
  await alone.goto(`${desk.list}/${mail.id}/preview`, { waitUntil: 'domcontentloaded' });
  await expect(alone.getByRole('heading', { name: 'A mail with traps' })).toBeVisible();
  expect(await alone.title()).not.toBe('ran');
  expect(trap.asked).toEqual([]);
  // Where nothing holds them, the traps do snap.
  await page.goto(trap.at, { waitUntil: 'commit' });
  const traps = [
    'style.css',
    'image.png',
    'background.png',
    'script',
    'onerror',
    'onload',
    'frame',
    'refresh',
  ];
  await expect.poll(() => trap.asked).toEqual(expect.arrayContaining(traps.map((name) => `/${name}`)));
  await trap.close();
});
