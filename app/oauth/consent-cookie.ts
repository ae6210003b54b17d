/** Names the browser that opened a consent link until the provider leads it back. */
export const consentCookie = 'mailroom-consent';
