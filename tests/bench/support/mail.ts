import { randomBytes } from 'node:crypto';

/** Text of this many bytes in lines of 76 characters, different for each mail, so that nothing compresses away. */
export function textOf(bytes: number): string {
  const letters = randomBytes(Math.ceil((bytes * 3) / 4))
    .toString('base64')
    .slice(0, bytes);
  return letters.replace(/.{74}/g, '$&\r\n').slice(0, bytes);
}

/** A finished message of this many bytes, as a bare sender would keep it in memory. */
export function rawMail(index: number, bytes: number): Buffer {
  const head =
    `From: Bench <bench@example.com>\r\nTo: reader${index}@example.net\r\nSubject: Bench mail ${index}\r\n` +
    `Message-ID: <bare-${index}@example.com>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n` +
    `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n`;
  return Buffer.from(head + textOf(bytes - head.length));
}
