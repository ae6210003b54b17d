/** Short name of the organization that the demo makes: its projects send to the built-in inbox. */
export const demoOrganization = 'northwind';

/** The membership by which a person sees the inbox. Mail of one organization is never shown to another (PRODUCT 10.2). */
export function inboxMembership<Membership extends { readonly slug: string }>(
  memberships: readonly Membership[],
): Membership | null {
  return memberships.find(({ slug }) => slug === demoOrganization) ?? null;
}
