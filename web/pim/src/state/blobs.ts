/** The blob URLs in use. Each keeps decrypted bytes in the browser's memory, so all are revoked when the app locks. */
export class Blobs {
  #urls = new Set<string>();

  make(bytes: Uint8Array<ArrayBuffer>, type: string): string {
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    this.#urls.add(url);
    return url;
  }

  revoke(url: string): void {
    if (this.#urls.delete(url)) URL.revokeObjectURL(url);
  }

  clear(): void {
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.#urls.clear();
  }
}
