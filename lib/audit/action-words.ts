/**
 * What each action of the audit history reads as, after the name of who did it. Pure text, so that the browser may
 * have it. An action without words here reads by its own name.
 */
export const actionWords: Readonly<Record<string, string>> = {
  'organization.created': 'created the organization',
  'organization.updated': 'changed the organization',
  'organization.default_project_changed': 'changed the default project',
  'project.created': 'created the project',
  'project.renamed': 'renamed the project',
  'project.archived': 'archived the project',
  'project.restored': 'restored the project',
  'mail_settings.saved': 'saved the mail settings',
  'mail_settings.copied': 'copied mail settings',
  'mail_settings.restored': 'restored mail settings',
  'mail_settings.cleared': 'cleared the mail settings',
  'mail_settings.switched_off': 'switched email debug off',
  'mail_settings.test_begun': 'began a test mail',
  'mail_settings.tested': 'sent a test mail',
  'oauth.consent_begun': 'began a consent',
  'oauth.consented': 'consented to sending',
  'oauth.consent_failed': 'gave a consent that failed',
  'oauth.disconnected': 'ended the consent',
  'oauth.link_created': 'made a consent link',
  'oauth.renewal_failed': 'could not renew a token',
  'oauth.end_announced': 'announced the end of a credential',
  'sending.paused': 'paused sending',
  'sending.resumed': 'started sending',
  'key.created': 'created an API key',
  'key.revoked': 'revoked an API key',
  'member.created': 'added a member',
  'password.changed': 'changed the password',
  'session.opened': 'signed in',
  'session.refused': 'refused a sign-in',
  'message.cancelled': 'cancelled a message',
  'message.tried_now': 'had a message tried now',
  'message.resent': 'resent a message',
  'message.released': 'released a captured message',
  'lane.stopped': 'stopped sending: the server refuses',
  'lane.switched_to_alternate': 'moved to the alternate server',
  'lane.reconnected_to_primary': 'went back to the primary server',
  'lane.tried_again': 'let the server be tried again',
  'fleet.marked_restored': 'marked the database as restored',
  'fleet.resumed': 'let workers send after a restore',
};

/** How the action reads; an unknown one by its name without dots and underscores. */
export function wordsOf(action: string): string {
  return actionWords[action] ?? action.replaceAll(/[._]/g, ' ');
}
