/** The bare loop that `drain` is measured against: a nodemailer pool over finished messages in memory. */
import nodemailer from 'nodemailer';
import { rawMail } from '../support/mail.ts';
import { onTold, report } from '../support/program.ts';

const [port, count, bytes, connections] = process.argv.slice(2).map(Number);
if (port === undefined || count === undefined || bytes === undefined || connections === undefined) {
  throw new TypeError('Usage: nodemailer-pool.ts port count bytes connections');
}
const mails = Array.from({ length: count }, (_, index) => rawMail(index, bytes));
const transport = nodemailer.createTransport({
  host: '127.0.0.1',
  port,
  pool: true,
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
  ignoreTLS: true,
});

onTold(() => void sendAll());
report('ready');

async function sendAll(): Promise<void> {
  await Promise.all(
    mails.map((raw, index) =>
      transport.sendMail({
        raw,
        envelope: { from: 'bench@example.com', to: [`reader${index}@example.net`] },
      }),
    ),
  );
  report('done');
}
