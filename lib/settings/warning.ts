import type { SettingsPath } from './labels.ts';

/** What the form says, honestly and without refusing, about a choice that is risky or about to end. */
export interface SettingsWarning {
  readonly code:
    | 'password_in_clear'
    | 'mail_in_clear'
    | 'mail_may_be_in_clear'
    | 'certificate_unchecked'
    | 'exchange_basic_ends'
    | 'exchange_basic_ended'
    | 'exchange_needs_authentication'
    | 'exchange_connections'
    | 'gmail_app_password'
    | 'ews_ends'
    | 'ews_ended'
    | 'ews_password_online'
    | 'ews_keeps_nothing'
    | 'cloud_mismatch'
    | 'secret_id_pasted'
    | 'scope_least'
    | 'scope_default_missing'
    | 'scope_offline_missing'
    | 'scope_shared_missing'
    | 'scope_proof_missing'
    | 'throttle_shared'
    | 'redirect_refused'
    | 'proxy_password_in_clear'
    | 'nothing_leaves';
  readonly field: SettingsPath;
  readonly text: string;
  /** What to do instead. */
  readonly wayOut: string | null;
}
