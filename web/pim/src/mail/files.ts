import FileIcon from '@lucide/svelte/icons/file';
import FileImage from '@lucide/svelte/icons/file-image';
import FileSpreadsheet from '@lucide/svelte/icons/file-spreadsheet';
import FileText from '@lucide/svelte/icons/file-text';
import FileType from '@lucide/svelte/icons/file-type-2';
import type { Component } from 'svelte';

/** How a file is shown inside the page. */
export type Viewer = 'image' | 'pdf' | 'table' | 'text' | 'none';

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif', 'image/svg+xml', 'image/x-icon']);
const BY_EXTENSION: Readonly<Record<string, Viewer>> = {
  avif: 'image', bmp: 'image', gif: 'image', ico: 'image', jpeg: 'image', jpg: 'image', png: 'image', svg: 'image', webp: 'image',
  pdf: 'pdf',
  csv: 'table', tsv: 'table',
  asc: 'text', conf: 'text', diff: 'text', ics: 'text', ini: 'text', json: 'text', log: 'text', md: 'text', patch: 'text',
  sql: 'text', toml: 'text', txt: 'text', vcf: 'text', xml: 'text', yaml: 'text', yml: 'text',
};
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif', bmp: 'image/bmp', gif: 'image/gif', ico: 'image/x-icon', jpeg: 'image/jpeg', jpg: 'image/jpeg',
  png: 'image/png', svg: 'image/svg+xml', webp: 'image/webp',
};

/** Chooses by the declared type, and by the name where senders declare nothing of use. */
export function viewerFor({ name, type }: { name: string; type: string }): Viewer {
  const declared = type.toLowerCase().split(';')[0]?.trim() ?? '';
  if (IMAGES.has(declared)) return 'image';
  if (declared === 'application/pdf') return 'pdf';
  if (declared === 'text/csv' || declared === 'text/tab-separated-values') return 'table';

  const named = BY_EXTENSION[extensionOf(name)];
  if (declared === 'text/html') return 'none';
  if (declared === 'text/plain') return named === 'table' ? 'table' : 'text';
  if (declared === 'application/json' || declared === 'application/xml' || declared.startsWith('text/')) return 'text';
  return named ?? 'none';
}

/** The media type under which the browser is given an image. */
export function imageType({ name, type }: { name: string; type: string }): string {
  const declared = type.toLowerCase().split(';')[0]?.trim() ?? '';
  return IMAGES.has(declared) ? declared : (IMAGE_TYPES[extensionOf(name)] ?? 'image/png');
}

export function iconFor(file: { name: string; type: string }): Component {
  switch (viewerFor(file)) {
    case 'image':
      return FileImage;
    case 'pdf':
      return FileType;
    case 'table':
      return FileSpreadsheet;
    case 'text':
      return FileText;
    case 'none':
      return FileIcon;
  }
}

function extensionOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
