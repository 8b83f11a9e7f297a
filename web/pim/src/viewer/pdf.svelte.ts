import { t } from '@cordon/kit';
import type { PDFDocumentProxy } from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';

/** An entry of a document's table of contents. */
export interface Chapter {
  title: string;
  depth: number;
  target: unknown;
}

export interface Found {
  current: number;
  total: number;
  state: 'none' | 'found' | 'missing';
}

/** Why a document is not shown. */
export type Hindrance = 'password' | 'wrong_password' | 'damaged' | null;

type Library = Awaited<ReturnType<typeof loadLibrary>>;

const FIND_NOT_FOUND = 1;
const ANNOTATIONS_SHOWN = 1;
const LINK_NEW_TAB = 2;

/** A PDF document in a scrolling element, drawn by pdf.js; toolbar and panels stand around it. */
export class PdfBook {
  pages = $state(0);
  page = $state(1);
  scale = $state(1);
  fitted = $state(true);
  chapters = $state.raw<Chapter[]>([]);
  found = $state.raw<Found>({ current: 0, total: 0, state: 'none' });
  hindrance = $state<Hindrance>(null);
  #library: Library | null = null;
  #document: PDFDocumentProxy | null = null;
  #view: ReturnType<typeof buildView> | null = null;
  #closed = false;
  #end: (() => unknown) | null = null;
  #givePassword: ((password: string) => void) | null = null;

  /** Draws the document; `container` scrolls and is positioned, `pages` is its only child. */
  async open(bytes: Uint8Array, container: HTMLDivElement, pages: HTMLDivElement): Promise<void> {
    const library = await loadLibrary();
    if (this.#closed) return;

    this.#library = library;
    const { pdfjs } = library;
    const assets = `/assets/pdfjs-${pdfjs.version}`;
    const task = pdfjs.getDocument({
      data: bytes.slice(),
      cMapUrl: `${assets}/cmaps/`,
      standardFontDataUrl: `${assets}/standard_fonts/`,
      wasmUrl: `${assets}/wasm/`,
      iccUrl: `${assets}/iccs/`,
      enableXfa: false,
    });
    this.#end = () => task.destroy();
    task.onPassword = (give: (password: string) => void, reason: number) => {
      this.#givePassword = give;
      this.hindrance = reason === pdfjs.PasswordResponses.INCORRECT_PASSWORD ? 'wrong_password' : 'password';
    };
    try {
      const document = await task.promise;
      if (this.#closed) return void task.destroy();

      this.hindrance = null;
      this.#show(document, container, pages, `${assets}/images/`);
    } catch {
      if (!this.#closed) this.hindrance = 'damaged';
    }
  }

  unlock(password: string): void {
    this.#givePassword?.(password);
  }

  goTo(page: number): void {
    if (!this.#view || !Number.isInteger(page)) return;
    this.#view.viewer.currentPageNumber = Math.min(this.pages, Math.max(1, page));
  }

  goToChapter(chapter: Chapter): void {
    void this.#view?.links.goToDestination(chapter.target as string);
  }

  zoom(factor: number): void {
    if (!this.#view) return;
    this.fitted = false;
    this.#view.viewer.currentScale = Math.min(6, Math.max(0.2, this.scale * factor));
  }

  fit(): void {
    if (!this.#view) return;
    this.fitted = true;
    this.#view.viewer.currentScaleValue = 'auto';
  }

  refit(): void {
    if (this.fitted) this.fit();
  }

  /** Searches the whole document; with `again` goes to the next or previous place. */
  find(query: string, again: 'next' | 'previous' | null = null): void {
    if (query === '') this.found = { current: 0, total: 0, state: 'none' };
    this.#view?.bus.dispatch('find', {
      source: this,
      type: again === null ? '' : 'again',
      query,
      caseSensitive: false,
      entireWord: false,
      highlightAll: true,
      findPrevious: again === 'previous',
      matchDiacritics: false,
    });
  }

  close(): void {
    this.#closed = true;
    this.#view?.viewer.setDocument(null as never);
    this.#view?.links.setDocument(null as never, null);
    this.#end?.();
    this.#view = null;
    this.#document = null;
  }

  #show(document: PDFDocumentProxy, container: HTMLDivElement, pages: HTMLDivElement, images: string): void {
    if (!this.#library) return;

    this.#document = document;
    this.pages = document.numPages;
    const view = buildView(this.#library, container, pages, images);
    this.#view = view;
    this.#listen(view, pages);
    view.viewer.setDocument(document);
    view.links.setDocument(document, null);
    void this.#readOutline(document);
  }

  #listen({ bus, viewer }: ReturnType<typeof buildView>, pages: HTMLDivElement): void {
    bus.on('pagesinit', () => {
      viewer.currentScaleValue = 'auto';
      for (const [at, page] of [...pages.querySelectorAll('.page')].entries()) {
        page.setAttribute('aria-label', t('pim-pdf-page', { number: at + 1, total: this.pages }));
      }
    });
    bus.on('pagechanging', ({ pageNumber }: { pageNumber: number }) => (this.page = pageNumber));
    bus.on('scalechanging', ({ scale }: { scale: number }) => (this.scale = scale));
    bus.on('updatefindmatchescount', ({ matchesCount }: { matchesCount: Found }) => this.#count(matchesCount));
    bus.on('updatefindcontrolstate', ({ state, matchesCount }: { state: number; matchesCount: Found }) => {
      this.#count(matchesCount, state === FIND_NOT_FOUND);
    });
  }

  #count({ current, total }: { current: number; total: number }, missing = false): void {
    this.found = { current, total, state: missing ? 'missing' : total > 0 ? 'found' : 'none' };
  }

  async #readOutline(document: PDFDocumentProxy): Promise<void> {
    const outline = (await document.getOutline()) as OutlineNode[] | null;
    if (document === this.#document) this.chapters = flatten(outline ?? [], 0);
  }
}

interface OutlineNode {
  title: string;
  dest: unknown;
  items: OutlineNode[];
}

function flatten(nodes: OutlineNode[], depth: number): Chapter[] {
  return nodes.flatMap(({ title, dest, items }) => [{ title, depth, target: dest }, ...flatten(items, depth + 1)]);
}

/** pdf.js is large and few mails need it, so it is read when the first document is opened. */
async function loadLibrary() {
  const pdfjs = await import('pdfjs-dist');
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;
  (globalThis as { pdfjsLib?: unknown }).pdfjsLib = pdfjs;
  const parts = await import('pdfjs-dist/web/pdf_viewer.mjs');
  return { pdfjs, parts };
}

function buildView({ parts }: Library, container: HTMLDivElement, pages: HTMLDivElement, images: string) {
  const bus = new parts.EventBus();
  const links = new parts.PDFLinkService({
    eventBus: bus,
    externalLinkTarget: LINK_NEW_TAB,
    externalLinkRel: 'noopener noreferrer nofollow',
  });
  const finder = new parts.PDFFindController({ eventBus: bus, linkService: links, delay: 150 });
  const viewer = new parts.PDFViewer({
    container,
    viewer: pages,
    eventBus: bus,
    linkService: links,
    findController: finder,
    imageResourcesPath: images,
    annotationMode: ANNOTATIONS_SHOWN,
    l10n: silent as never,
  });
  links.setViewer(viewer);
  return { bus, links, viewer };
}

/** pdf.js asks this for words; the page writes its own around the document. */
const silent = {
  getLanguage: () => 'en-us',
  getDirection: () => 'ltr',
  get: async (ids: string | string[]) => (Array.isArray(ids) ? ids.map(() => '') : ''),
  translate: async () => {},
  translateOnce: async () => {},
  destroy: async () => {},
  pause: () => {},
  resume: () => {},
};
