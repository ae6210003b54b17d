import { DOMParser, type Document, type Element } from '@xmldom/xmldom';

/** An element as this protocol needs it: text of its own only where it has no children that matter. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text in it, its descendants' included. */
  readonly text: string;
}

const maxDepth = 64;
const elementNode = 1;

/**
 * Reads an XML document: no document type, so neither entities nor anything external; every error of form is an error.
 * @returns the root, or null where it is no such document
 */
export function parseXml(bytes: Buffer): XmlElement | null {
  const source = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(source)) return null;
  try {
    const parser = new DOMParser({
      locator: false,
      // The line ends of XML 1.0; the parser's own are those of 1.1.
      normalizeLineEndings: (text) => text.replaceAll(/\r\n?/g, '\n'),
      onError: (level, message) => {
        // A text that once was decoded wrong is a text all the same.
        if (level === 'warning' && message.startsWith('Unicode replacement character')) return;
        throw new SyntaxError(message);
      },
    });
    return readRoot(parser.parseFromString(source, 'text/xml'));
  } catch {
    return null;
  }
}

function readRoot(document: Document): XmlElement | null {
  return document.documentElement === null ? null : readElement(document.documentElement, 0);
}

/** @throws RangeError where elements stand in each other too deeply */
function readElement(element: Element, depth: number): XmlElement {
  if (depth > maxDepth) throw new RangeError('The document is too deep');
  const attributes = new Map<string, string>();
  for (let index = 0; index < element.attributes.length; index += 1) {
    const attribute = element.attributes.item(index);
    if (attribute !== null && attribute.prefix !== 'xmlns' && attribute.name !== 'xmlns') {
      attributes.set(attribute.localName ?? attribute.name, attribute.value);
    }
  }
  const children: XmlElement[] = [];
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node)) children.push(readElement(node, depth + 1));
  }
  return {
    namespace: element.namespaceURI ?? '',
    name: element.localName ?? element.tagName,
    attributes,
    children,
    text: element.textContent ?? '',
  };
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === elementNode;
}

/** The first element of this name at or below `element`, in document order. */
export function findElement(element: XmlElement, namespace: string, name: string): XmlElement | null {
  if (element.namespace === namespace && element.name === name) return element;
  for (const child of element.children) {
    const found = findElement(child, namespace, name);
    if (found !== null) return found;
  }
  return null;
}

/** The child of this name directly below `element`. */
export function childOf(element: XmlElement | null, namespace: string, name: string): XmlElement | null {
  return element?.children.find((child) => child.namespace === namespace && child.name === name) ?? null;
}

/** Text as it stands between tags or within quotes; what XML 1.0 cannot carry becomes U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- XML 1.0 2.2 excludes exactly these
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&apos;')
      .replaceAll('\r', '&#13;')
  );
}
