import type tls from 'node:tls';
import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Stage } from '../contract.ts';
import type { SessionWatch } from './session-watch.ts';
import type { SmtpTransportOptions } from './settings.ts';

/** The options with what is made of them once per transport. */
export interface SessionSettings {
  readonly options: SmtpTransportOptions;
  readonly secureContext: tls.SecureContext | undefined;
  readonly secretForms: readonly string[];
}

export function stageDeadlineMs(options: SmtpTransportOptions, stage: Stage): number {
  return stage === 'authenticate' ? options.deadlines.commandMs : options.deadlines.greetingMs;
}

/** What nodemailer is told for one connection, over a socket of ours. */
export function connectionOptions(
  settings: SessionSettings,
  socket: Socket,
  logger: SessionWatch,
): SMTPConnection.Options {
  const { options, secureContext } = settings;
  const { greetingMs, commandMs, dataIdleMs, finalAnswerMs } = options.deadlines;
  const isPlain = options.protocol === 'smtp';
  const hasPassword = options.authentication !== null;
  return {
    connection: socket,
    host: options.endpoint.host,
    port: options.endpoint.port,
    name: options.ehloName,
    secure: !isPlain,
    ignoreTLS: isPlain && options.tlsPolicy === 'none',
    requireTLS: isPlain && options.tlsPolicy === 'required',
    opportunisticTLS: isPlain && options.tlsPolicy === 'whenOffered' && !hasPassword,
    tls: {
      rejectUnauthorized: options.checkCertificate,
      ...(secureContext === undefined ? {} : { secureContext }),
    },
    greetingTimeout: greetingMs,
    connectionTimeout: greetingMs * 3,
    socketTimeout: Math.max(commandMs, dataIdleMs, finalAnswerMs) * 2,
    socketCloseTimeout: 0,
    // Steps and dialogue of the setting-up are told to the watch; it is switched off for the mails.
    logger,
    transactionLog: true,
  };
}
