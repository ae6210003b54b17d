'use client';

import { signIn } from 'next-auth/react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from '../../_ui/button.tsx';
import { FieldError } from '../../_ui/field.tsx';
import { TextInput } from '../../_ui/inputs.tsx';

export interface SignInFormProps {
  /** A path of this portal to go to afterwards. */
  readonly next: string;
  /** Whether the demo was made here; its password stands in the terminal alone. */
  readonly isDemo: boolean;
  /** Where one signs in to: "on mailroom.example.com". */
  readonly children: ReactNode;
}

const noAnswer = 'The portal does not answer. Check the connection and try again.';

async function trySignIn(email: string, password: string): Promise<string | null> {
  try {
    const result = await signIn<'credentials'>('credentials', { redirect: false, email, password });
    if (result?.ok === true && !result.error) return null;
    return result?.error ?? noAnswer;
  } catch {
    return noAnswer;
  }
}

/** E-mail address and password. A refusal stays beside the password, with the cursor in it. */
export function SignInForm({ next, isDemo, children }: SignInFormProps) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);
  const passwordInput = useRef<HTMLInputElement>(null);
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isPending) return;
    setIsPending(true);
    const refusal = await trySignIn(email, password);
    if (refusal === null) {
      location.assign(next);
      return;
    }
    setError(refusal);
    setIsPending(false);
    passwordInput.current?.select();
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <div>
        <h1>Sign in</h1>
        <p className="mt-0.5 text-text-2">{children}</p>
      </div>
      <label htmlFor="email">
        <span className="lb">E-mail address</span>
        <TextInput
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          required
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is nothing but this form
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </label>
      <div>
        <label htmlFor="password">
          <span className="lb">Password</span>
          <TextInput
            id="password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            ref={passwordInput}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            {...(error === null ? {} : { 'aria-invalid': true, 'aria-describedby': 'sign-in-error' })}
          />
        </label>
        <div role="alert">{error !== null && <FieldError id="sign-in-error">{error}</FieldError>}</div>
      </div>
      <Button type="submit" variant="primary" big pending={isPending && 'Signing in…'}>
        Sign in
      </Button>
      {isDemo && (
        <p className="text-xs text-text-3">
          The address and password of the demo stand in the terminal that started Mailroom.
        </p>
      )}
    </form>
  );
}
