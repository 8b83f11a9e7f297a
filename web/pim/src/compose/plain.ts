const BLOCKS = new Set([
  'address', 'article', 'aside', 'blockquote', 'body', 'center', 'dd', 'div', 'dl', 'dt', 'figure', 'footer', 'form', 'h1', 'h2',
  'h3', 'h4', 'h5', 'h6', 'header', 'hr', 'html', 'li', 'main', 'nav', 'ol', 'p', 'pre', 'section', 'table', 'tr', 'ul',
]);
const APART = new Set(['blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ol', 'p', 'pre', 'table', 'ul']);
const UNSEEN = new Set(['head', 'script', 'style', 'title', 'template']);
const NAMED: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', nbsp: ' ', quot: '"' };

const TOKEN = /<!--[\s\S]*?-->|<!doctype[^>]*>|<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>|[^<]+|</gi;

/**
 * The words of an HTML document as text to quote. The document has been cleaned and written out by the app, so its
 * markup is regular; what is not understood falls away.
 */
export function plainText(html: string): string {
  const page = new Page();
  let unseen: string | null = null;
  for (const [token, closing, name] of html.matchAll(TOKEN)) {
    const tag = name?.toLowerCase();
    if (unseen !== null) {
      if (closing && tag === unseen) unseen = null;
    } else if (tag === undefined) {
      if (!token.startsWith('<!')) page.write(decode(token));
    } else if (UNSEEN.has(tag)) {
      if (!closing && !token.endsWith('/>')) unseen = tag;
    } else {
      page.mark(tag, closing === '/');
    }
  }
  return page.text();
}

/** Lines under construction: white space collapses, quotations are marked, paragraphs stand apart. */
class Page {
  #lines: string[] = [];
  #line = '';
  #depth = 0;
  #gap = false;
  #kept = 0;

  write(text: string): void {
    if (this.#kept > 0) {
      const [first = '', ...rest] = text.split('\n');
      this.#line += first;
      for (const line of rest) {
        this.#end(true);
        this.#line = line;
      }
      return;
    }
    const words = text.replace(/[ \t\r\n\f]+/g, ' ');
    this.#line += this.#line === '' || this.#line.endsWith(' ') ? words.trimStart() : words;
  }

  mark(tag: string, closing: boolean): void {
    if (tag === 'br') return this.#end(true);
    if (tag === 'td' || tag === 'th') return void (closing || this.#line === '' || (this.#line = `${this.#line.trimEnd()}  `));
    if (!BLOCKS.has(tag)) return;

    this.#end(false);
    if (APART.has(tag)) this.#gap = true;
    if (tag === 'blockquote') this.#depth = Math.max(0, this.#depth + (closing ? -1 : 1));
    if (tag === 'pre') this.#kept = Math.max(0, this.#kept + (closing ? -1 : 1));
    if (tag === 'li' && !closing) this.#line = '* ';
  }

  text(): string {
    this.#end(false);
    return this.#lines.join('\n').replace(/\n{3,}/g, '\n\n').trim();
  }

  #end(always: boolean): void {
    const line = this.#line.trimEnd();
    this.#line = '';
    if (line === '' && !always) return;

    const mark = '>'.repeat(this.#depth);
    if (this.#gap && this.#lines.length > 0 && this.#lines.at(-1) !== mark) this.#lines.push(mark);
    this.#gap = false;
    this.#lines.push(mark === '' ? line : `${mark} ${line}`.trimEnd());
  }
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hexadecimal, name: string) => {
    if (name) return NAMED[name.toLowerCase()] ?? whole;
    const point = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hexadecimal, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
