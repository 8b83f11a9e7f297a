/** A piece of a plain text body: text, a web address or a mail address. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mail'; text: string; address: string };

/** Lines of one depth of quotation; `signature` follows the line `-- `. */
export interface Block {
  depth: number;
  signature: boolean;
  lines: string[];
}

const WORD = /[^\s<>"]+/g;
const LINK = /https?:\/\/|www\./i;
const LONGEST_LINK = 2_048;
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 255;

/** Cuts a plain text body into quoted and unquoted blocks. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let signature = false;
  for (const line of text.replace(/\r\n?/g, '\n').trimEnd().split('\n')) {
    const marks = /^(?:>\s?)+/.exec(line)?.[0] ?? '';
    const depth = marks.replace(/[^>]/g, '').length;
    if (line === '-- ' && depth === 0) signature = true;
    const last = blocks.at(-1);
    const bare = line.slice(marks.length);
    if (last && last.depth === depth && last.signature === signature) last.lines.push(bare);
    else blocks.push({ depth, signature, lines: [bare] });
  }
  return blocks;
}

/**
 * Finds addresses in a line of text. Only `http`, `https` and mail addresses become links. The line may be hostile, so
 * each step is bounded: no search begins anew at every character.
 */
export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const word of line.matchAll(WORD)) {
    for (const { start, piece } of linksIn(word[0])) {
      const begin = word.index + start;
      if (begin > at) pieces.push({ kind: 'text', text: line.slice(at, begin) });
      pieces.push(piece);
      at = begin + piece.text.length;
    }
  }
  if (at < line.length) pieces.push({ kind: 'text', text: line.slice(at) });
  return pieces;
}

interface Found {
  start: number;
  piece: Piece;
}

function linksIn(word: string): Found[] {
  const start = word.search(LINK);
  if (start < 0) return addressesIn(word);
  if (word.length - start > LONGEST_LINK) return [];

  const text = withoutTail(word.slice(start));
  const href = /^www\./i.test(text) ? `https://${text}` : text;
  return URL.canParse(href) ? [{ start, piece: { kind: 'link', text, href } }] : [];
}

function addressesIn(word: string): Found[] {
  const found: Found[] = [];
  let from = 0;
  for (let sign = word.indexOf('@'); sign >= 0; sign = word.indexOf('@', sign + 1)) {
    const before = word.slice(Math.max(from, sign - LONGEST_LOCAL_PART), sign);
    const local = /[^@()[\],;:']+$/.exec(before)?.[0];
    const domain = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u.exec(word.slice(sign + 1, sign + 1 + LONGEST_DOMAIN))?.[0];
    if (!local || !domain) continue;

    const text = `${local}@${domain}`;
    found.push({ start: sign - local.length, piece: { kind: 'mail', text, address: text } });
    from = sign + 1 + domain.length;
  }
  return found;
}

/** A sentence's punctuation after an address does not belong to it; a closing bracket does if it was opened in it. */
function withoutTail(found: string): string {
  let end = found.length;
  let surplus = found.split(')').length - found.split('(').length;
  while (end > 0) {
    const last = found.charAt(end - 1);
    const closes = last === ')' && surplus > 0;
    if (!/[.,;:!?'»“]/.test(last) && !closes) break;
    if (closes) surplus -= 1;
    end -= 1;
  }
  return found.slice(0, end);
}
