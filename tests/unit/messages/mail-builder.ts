import { parseInput } from '#lib/parse-input.ts';
import { composeMail, type ComposedMail } from '#lib/messages/compose.ts';
import { finishHeaders } from '#lib/messages/finish-headers.ts';
import { composedMessage } from '#lib/messages/schemas.ts';

export const sender = { name: 'Support', address: 'support@example.com', replyTo: null };

/** The message of this input as the API would store it. Throws where the API refuses. */
export function composed(input: object): ComposedMail {
  const given = parseInput(composedMessage, input);
  return composeMail(given, {
    id: '019f0c8a-1172-7c52-8d1e-6c1a2f3b4c5d',
    internetMessageId: '<019f0c8a-1172-7c52-8d1e-6c1a2f3b4c5d@example.com>',
    date: new Date('2026-11-21T10:00:00Z'),
    from: given.from ?? null,
    replyTo: given.replyTo ?? null,
  });
}

/** As it goes on the wire. */
export function wire(mail: ComposedMail, by = sender): string {
  return finishHeaders({ headers: mail.headers, filledHeaders: mail.filledHeaders, sender: by }) + mail.body;
}

/** Names of the header lines of a message, unfolded, in order. Fails where a line is not one. */
export function headerNames(message: string): string[] {
  const block = message.slice(0, message.indexOf('\r\n\r\n'));
  return block
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => {
      const name = /^([A-Za-z][A-Za-z0-9-]*): /.exec(line)?.[1];
      if (name === undefined) throw new Error(`not a header line: ${JSON.stringify(line)}`);
      return name;
    });
}
