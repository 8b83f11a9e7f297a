// A browser without a window: follows an address to where it ends and prints what it finds there.
//
// node browser.mjs ADDRESS
let url = new URL(process.argv[2]);
const cookies = new Map();

for (let step = 0; step < 20; step += 1) {
  const jar = cookies.get(url.host) ?? new Map();
  cookies.set(url.host, jar);
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [pair] = cookie.split(';');
    const at = pair.indexOf('=');
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  if (response.status < 300 || response.status > 399) {
    console.log(`${response.status} ${await response.text()}`);
    process.exit(response.status < 400 ? 0 : 1);
  }
  url = new URL(response.headers.get('location'), url);
}
throw new Error('too many redirects');
