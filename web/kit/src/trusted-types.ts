interface PolicyRules {
  createHTML?(input: string, type?: string, sink?: string): string;
  createScriptURL?(input: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: PolicyRules): unknown;
}

/**
 * Installs the default Trusted Types policy, which decides about strings that reach a dangerous sink of the page.
 *
 * Markup passes through `clean` when the page brings one, and is refused otherwise. A script may be loaded from the
 * page's own `/assets/` only. Plain strings never become script.
 */
export function installTrustedTypes(clean?: (markup: string) => string): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  factory?.createPolicy('default', {
    createHTML(input) {
      if (!clean) throw new TypeError('this page builds no markup from text');
      return clean(input);
    },
    createScriptURL(input) {
      const url = new URL(input, document.baseURI);
      if (url.origin !== location.origin || !url.pathname.startsWith('/assets/')) {
        throw new TypeError(`not a script of this page: ${url.href}`);
      }
      return url.href;
    },
  });
}
