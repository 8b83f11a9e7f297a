/** The file whose content this is, in base64. */
export function decodeFile(text: string, type: string): Blob {
  return new Blob([Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0))], { type });
}

/** The content of a file in base64. */
export async function encodeFile(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
