const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The bytes of the first element of a JSON array, exactly as sent; null when there is none. */
export function firstElement(bytes: Buffer): Buffer | null {
  const open = skipBlanks(bytes, 0);
  return bytes[open] === OPEN_ARRAY ? valueAt(bytes, open + 1) : null;
}

/** `{"json": X}` -> the bytes of X; null for anything else, also when the object has further keys. */
export function onlyJsonValue(bytes: Buffer): Buffer | null {
  const key = skipBlanks(bytes, 1);
  if (bytes[0] !== OPEN_OBJECT || bytes.toString('latin1', key, key + 6) !== '"json"') {
    return null;
  }
  const colon = skipBlanks(bytes, key + 6);
  const value = bytes[colon] === COLON ? valueAt(bytes, colon + 1) : null;
  if (value === null) {
    return null;
  }
  const end = skipBlanks(bytes, value.byteOffset - bytes.byteOffset + value.length);
  return bytes[end] === CLOSE_OBJECT ? value : null;
}

/** Without a byte order mark and the blanks around it. */
export function trimmed(body: Buffer): Buffer {
  const bytes = body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? body.subarray(3) : body;
  let end = bytes.length;
  while (end > 0 && isBlank(bytes[end - 1])) {
    end -= 1;
  }
  return bytes.subarray(skipBlanks(bytes, 0), end);
}

function valueAt(bytes: Buffer, from: number): Buffer | null {
  const start = skipBlanks(bytes, from);
  const end = endOfValue(bytes, start);
  return end === null || end === start ? null : bytes.subarray(start, end);
}

/** Index after the value that begins at `start`; null when it is cut off. Does not check that the value is valid. */
function endOfValue(bytes: Buffer, start: number): number | null {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const close = endOfString(bytes, at);
      if (close === null || depth === 0) {
        return close;
      }
      at = close - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0) {
        return at;
      }
      depth -= 1;
      if (depth === 0) {
        return at + 1;
      }
    } else if (depth === 0 && (byte === COMMA || isBlank(byte))) {
      return at;
    }
  }
  return null;
}

function endOfString(bytes: Buffer, start: number): number | null {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) {
      at += 1;
    } else if (bytes[at] === QUOTE) {
      return at + 1;
    }
  }
  return null;
}

function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) {
    at += 1;
  }
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
