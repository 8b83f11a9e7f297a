import type { AdministratorView } from '../api/model';

/** Who is signed in, as far as the page knows. */
class Session {
  /** `undefined` until the server has been asked, `null` when nobody is signed in. */
  current = $state.raw<AdministratorView | null | undefined>(undefined);
  /** The session came to its end while the page was in use. */
  expired = $state(false);

  begin(administrator: AdministratorView): void {
    this.current = administrator;
    this.expired = false;
  }

  ended(): void {
    this.expired = Boolean(this.current);
    this.current = null;
  }

  left(): void {
    this.current = null;
    this.expired = false;
  }
}

export const session = new Session();
