import { randomBytes } from 'node:crypto';
import { createLaneWaker } from '#lib/queue/lane-waker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { appTokens, graphInput } from '#tests/integration/transports/graph/worker-scene.ts';
import { authority, mailbox, makeIssuer } from '#tests/integration/oauth/oauth-scene.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import type { BenchRow } from '../row.ts';
import { acceptMails, openScene, type Scene, untilSettled } from '../support/scene.ts';
import { startWorker } from '../support/worker.ts';

/** Base64 lines: with them the mail has just below the 150 MB that Graph takes. */
const line = `${randomBytes(57).toString('base64')}\r\n`;
const linesPerPart = 13_000;
const parts = 147;

export const graphLargeRow: BenchRow = {
  name: 'graph_large',
  unit: 'MB',
  title: 'peak memory of the worker while a mail of 149 MB goes out by Graph: draft, upload session, send',
  floor: 450,
  goal: 400,
  bound: 'most',
  run: async () => {
    const issuer = await makeIssuer('microsoft');
    const graph = await startGraphServer({ authority, mailboxes: [mailbox], readToken: appTokens(issuer) });
    const scene = await openScene({ sinkPort: 9, connections: 4 });
    const { ctx, project, environment } = scene;
    await saveMailSettings(ctx, {
      project: project.slug,
      input: graphInput(issuer, graph, false),
      expectedVersion: 1,
      whileSending: 'save_only',
    });
    await pauseSending(ctx, { project: project.slug });
    await acceptMails(scene, 1, 1_000);
    await enlarge(scene);
    const worker = await startWorker({
      ...scene,
      environment: { ...environment, MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8,::1' },
    });
    const emptyBytes = await worker.peakMemory();
    const waker = createLaneWaker(ctx.database);
    const sinceMs = performance.now();
    const { laneId } = await resumeSending(ctx, { project: project.slug });
    waker.wake(laneId);
    await untilSettled(scene);
    const tookSeconds = (performance.now() - sinceMs) / 1_000;
    const peakBytes = await worker.peakMemory();
    await waker.close();
    await worker.stop();
    await scene.stop();
    const [delivery] = graph.deliveries;
    const arrived = delivery?.attachments.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0;
    await Promise.all([graph.close(), issuer.close()]);
    return {
      values: [peakBytes / 1e6],
      void: arrived === linesPerPart * parts * 57 ? null : `${arrived} bytes of the attachment arrived`,
      notes: [
        `${(emptyBytes / 1e6).toFixed(0)} MB before it, ${graph.requests.length} requests in ${tookSeconds.toFixed(1)} s`,
      ],
    };
  },
};

/** Gives the one mail an attachment, in parts as the accepting side lays them down. */
async function enlarge({ server, project }: Scene): Promise<void> {
  const head =
    '--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/zip; name=all.zip\r\n' +
    'Content-Disposition: attachment; filename=all.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const piece = line.repeat(linesPerPart);
  const { pool } = server.database;
  await pool.query(
    `update mailroom.contents c set bytes = $2,
       headers = regexp_replace(c.headers, '^Content-[^\\n]*\\n([ \\t][^\\n]*\\n)*', '', 'gin')
         || E'Content-Type: multipart/mixed; boundary=b\\r\\n'
     from mailroom.messages m where m.id = c.message_id and m.project_id = $1 and c.part = 0`,
    [project.id, Buffer.from(head)],
  );
  await pool.query(
    `insert into mailroom.contents (message_id, part, organization_id, bytes)
     select m.id, g, m.organization_id, case when g > $3 then $4::bytea else $2::bytea end
     from mailroom.messages m cross join generate_series(1, $3 + 1) as g where m.project_id = $1`,
    [project.id, Buffer.from(piece), parts, Buffer.from('--b--\r\n')],
  );
  await pool.query('update mailroom.messages set size_bytes = size_bytes + $2 where project_id = $1', [
    project.id,
    head.length + piece.length * parts,
  ]);
}
