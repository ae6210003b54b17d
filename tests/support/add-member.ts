import { queryProduct, type RunningProduct } from '#tests/support/e2e.ts';

/** A member of the demo's organization who signs in with the owner's password. Answers the e-mail address. */
export async function addMember(
  product: RunningProduct,
  role: 'operator' | 'auditor' | 'viewer',
  word: string,
): Promise<string> {
  const email = `${role}.${word}@northwind.example`;
  await queryProduct(
    `with made as (
       insert into mailroom.users (id, email, name, password_hash)
       select gen_random_uuid(), $1, 'Vera', password_hash from mailroom.users where email = $2 returning id
     )
     insert into mailroom.memberships (organization_id, user_id, role)
     select o.id, made.id, $3 from made, mailroom.organizations o where o.slug = 'northwind'`,
    [email, product.signIn.email, role],
  );
  return email;
}
