'use client';

import { CopyButton } from '#app/_ui/copy-button.tsx';
import { useForm } from './form-context.tsx';
import { registrationSteps } from './registration-steps.ts';

/** How to register the app, with the exact values of this form to paste. */
export function RegistrationGuide({ redirectUrl }: { redirectUrl: string }) {
  const { form } = useForm();
  const guide = registrationSteps(form, redirectUrl);
  if (guide === null) return null;
  return (
    <details className="border-t border-line px-4 py-3">
      <summary className="cursor-pointer font-medium">{guide.title}</summary>
      <ol className="mt-2 grid list-decimal gap-2 pl-5 text-text-2">
        {guide.steps.map(({ text, paste }) => (
          <li key={text}>
            {text}
            {paste !== undefined && paste !== '' && (
              <span className="row mt-1 min-w-0 gap-1 text-text">
                <code className="mono min-w-0 break-all">{paste}</code>
                <CopyButton text={paste} label={`Copy ${paste}`} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </details>
  );
}
