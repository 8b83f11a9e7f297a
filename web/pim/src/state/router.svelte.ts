import { formatRoute, parentOf, parseRoute, type Route } from '../route';

type Place = { depth: number };

/** Where the person is, kept in step with the browser's history. */
export class Router {
  route = $state.raw<Route>(parseRoute(location.hash));
  #depth = (history.state as Place | null)?.depth ?? 0;

  constructor() {
    history.replaceState({ depth: this.#depth } satisfies Place, '');
    addEventListener('popstate', () => this.#follow());
  }

  go(route: Route): void {
    if (formatRoute(route) === formatRoute(this.route)) return;
    this.#depth += 1;
    history.pushState({ depth: this.#depth } satisfies Place, '', formatRoute(route));
    this.route = route;
  }

  replace(route: Route): void {
    history.replaceState({ depth: this.#depth } satisfies Place, '', formatRoute(route));
    this.route = route;
  }

  /** Goes one step back inside the page; without a step to go back to, goes up. */
  back(): void {
    if (this.#depth > 0) history.back();
    else this.replace(parentOf(this.route));
  }

  /** A link of the page makes an entry without a depth; it is one deeper than where it was clicked. */
  #follow(): void {
    const place = history.state as Place | null;
    this.#depth = place?.depth ?? this.#depth + 1;
    if (!place) history.replaceState({ depth: this.#depth } satisfies Place, '');
    this.route = parseRoute(location.hash);
  }
}
