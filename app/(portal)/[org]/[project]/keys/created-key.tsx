import { CopyButton, MonoValue } from '../../../../_ui/copy-button.tsx';
import { CodeBlock } from '../../../../_ui/machine-words.tsx';

function curlExample(token: string, messagesUrl: string): string {
  const body = '{"to": ["someone@example.com"], "subject": "Hello", "text": "It works."}';
  return [
    `curl ${messagesUrl} \\`,
    `  -H 'Authorization: Bearer ${token}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join('\n');
}

/** The token with its copy button, and a call that sends a first mail. */
export function CreatedKey({ token, messagesUrl }: { token: string; messagesUrl: string }) {
  const example = curlExample(token, messagesUrl);
  return (
    <div className="mt-3 grid gap-3">
      <MonoValue value={token} label="Copy key" />
      <div>
        <div className="row mb-1 justify-between">
          <span className="text-text-2">Send a first mail</span>
          <CopyButton text={example} label="Copy the call" />
        </div>
        <CodeBlock>{example}</CodeBlock>
      </div>
    </div>
  );
}
