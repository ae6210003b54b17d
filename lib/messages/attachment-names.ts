/** What an attachment may be called and be. */

const token = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+";
const contentType = new RegExp(`^${token}/${token}(?:\\s*;\\s*${token}=(?:${token}|"[^"\\\\]*"))*$`);

/** Why this file name is refused; null when it may stand. It is a name, never a path on the reader's disk. */
export function fileNameFault(name: string): string | null {
  if (/[/\\]/.test(name)) return 'A file name has no slash or backslash.';
  if (name === '.' || name === '..') return 'This is not a file name.';
  // Overrides of the writing direction make "exe.pdf" out of "fdp.exe".
  if (/[\u202a-\u202e\u2066-\u2069]/u.test(name))
    return 'A file name has no marks that turn the writing direction.';
  return null;
}

/** Why this content type is refused; null when it may stand. */
export function contentTypeFault(type: string): string | null {
  if (!contentType.test(type) || !/^[\x20-\x7e]*$/.test(type))
    return 'A content type looks like application/pdf.';
  if (/^(?:multipart|message)\//i.test(type)) {
    return 'An attachment is one part: attach messages as application/octet-stream or application/eml.';
  }
  if (/;\s*(?:name|boundary)\*?\d*\s*=/i.test(type)) return 'Name and boundary are written by Mailroom.';
  return null;
}
