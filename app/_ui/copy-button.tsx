'use client';

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';

function useCopied(): [boolean, (text: string) => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return [
    copied,
    (text) => {
      void navigator.clipboard.writeText(text).then(() => setCopied(true));
    },
  ];
}

/** Copies a text; with `children` it is a button with words, else an icon. `label` names what is copied. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: string }) {
  const [copied, copy] = useCopied();
  if (children) {
    return (
      <Button icon={copied ? Check : Copy} onClick={() => copy(text)} aria-label={label}>
        {copied ? 'Copied' : children}
      </Button>
    );
  }
  return (
    <IconButton icon={copied ? Check : Copy} label={copied ? 'Copied' : label} onClick={() => copy(text)} />
  );
}

/** A machine value in mono with its copy button. */
export function MonoValue({ value, label }: { value: string; label: string }) {
  return (
    <span className="row min-w-0 gap-1">
      <span className="mono truncate">{value}</span>
      <CopyButton text={value} label={label} />
    </span>
  );
}
