import { cloudOfEndpoint, proposeScope, proposeServer } from '#lib/settings/oauth-presets.ts';
import { numberOf } from './connection-fields.ts';
import { authenticationKind, type ConnectionForm, serverKind } from './connection-form.ts';

/**
 * What follows from what is typed, until somebody types something else there: the authorization server of a known
 * host, and the scope that goes with both (PRODUCT 2.8). Answers with the fields that change.
 */
export function followProposals(before: ConnectionForm, after: ConnectionForm): Partial<ConnectionForm> {
  if (authenticationKind(after) !== 'oauth') return {};
  const server = followServer(before, after);
  const form = { ...after, ...server };
  const was = proposedScope(before);
  const becomes = proposedScope(form);
  const scope = form['connection.authentication.scope'];
  const isOwn = scope.trim() !== '' && scope !== was;
  if (isOwn || becomes === '' || scope === becomes) return server;
  return { ...server, 'connection.authentication.scope': becomes };
}

// Nobody has registered an app there yet, so that nothing of theirs is lost.
function followServer(before: ConnectionForm, after: ConnectionForm): Partial<ConnectionForm> {
  if (after['connection.authentication.clientId'].trim() !== '') return {};
  const hasChanged = addressOf(before) !== addressOf(after) || authenticationKind(before) !== 'oauth';
  if (!hasChanged) return {};
  if (after['connection.kind'] === 'graph') {
    const cloud = cloudOfEndpoint(after['connection.endpoint']);
    return cloud === null ? {} : { 'connection.authentication.server.host': cloud.signInHost };
  }
  const proposed = proposeServer(hostOf(addressOf(after)));
  if (proposed === null) return {};
  if (proposed.kind !== 'microsoft') {
    return {
      'connection.authentication.server.kind': proposed.kind,
      'connection.authentication.server.authorizationUrl': proposed.authorizationUrl,
      'connection.authentication.server.tokenUrl': proposed.tokenUrl,
    };
  }
  const tenant = after['connection.authentication.server.tenant'].trim();
  return {
    'connection.authentication.server.kind': 'microsoft',
    'connection.authentication.server.host': proposed.host,
    ...(tenant === '' && { 'connection.authentication.server.tenant': proposed.tenant }),
  };
}

/** The scope that goes with what is typed; empty where only the person can know. */
export function proposedScope(form: ConnectionForm): string {
  if (authenticationKind(form) !== 'oauth') return '';
  const port = numberOf(form['connection.port']);
  return proposeScope({
    kind: form['connection.kind'],
    address: form['connection.kind'] === 'smtp' ? form['connection.host'] : addressOf(form),
    server: serverKind(form),
    access: form['connection.authentication.access'],
    port: Number.isNaN(port) ? null : port,
  });
}

function addressOf(form: ConnectionForm): string {
  const kind = form['connection.kind'];
  switch (kind) {
    case 'smtp':
      return form['connection.host'];
    case 'ews':
      return form['connection.connectUrl'];
    case 'graph':
      return form['connection.endpoint'];
    default:
      return kind satisfies never;
  }
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : address;
}
