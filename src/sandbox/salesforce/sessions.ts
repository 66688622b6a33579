import { createVerify, randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';

export interface LoginOptions {
  clientId: string;
  clientSecret: string;
  /** PEM of the key that JWT assertions must be signed with; null refuses them. */
  publicKey: string | null;
}

export type TokenAnswer = { ok: true; token: string } | { ok: false; error: string; description: string };

/** Tokens of one org: client credentials and JWT bearer, no refresh token for either. */
export class Sessions {
  private readonly live = new Set<string>();
  private readonly options: LoginOptions;
  private readonly clock: Clock;

  constructor(options: LoginOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
  }

  grant(form: Record<string, string | undefined>): TokenAnswer {
    switch (form.grant_type) {
      case 'client_credentials':
        if (form.client_id !== this.options.clientId) {
          return { ok: false, error: 'invalid_client_id', description: 'client identifier invalid' };
        }
        return form.client_secret === this.options.clientSecret
          ? this.open()
          : { ok: false, error: 'invalid_client', description: 'invalid client credentials' };
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
        return this.grantAssertion(form.assertion ?? '');
      default:
        return { ok: false, error: 'unsupported_grant_type', description: 'grant type not supported' };
    }
  }

  isLive(authorization: string | undefined): boolean {
    return this.live.has((authorization ?? '').replace(/^(Bearer|OAuth) /, ''));
  }

  isLiveToken(token: string): boolean {
    return this.live.has(token);
  }

  /** Ends every session, as an admin or a timeout would. */
  expireAll(): void {
    this.live.clear();
  }

  private grantAssertion(assertion: string): TokenAnswer {
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const refused: TokenAnswer = { ok: false, error: 'invalid_grant', description: 'invalid assertion' };
    if (this.options.publicKey === null) {
      return { ok: false, error: 'invalid_grant', description: "user hasn't approved this consumer" };
    }
    const verified = createVerify('RSA-SHA256')
      .update(`${header}.${claims}`)
      .verify(this.options.publicKey, signature, 'base64url');
    const { iss, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
      iss: string;
      exp: number;
    };
    const seconds = this.clock.now() / 1000;
    const fresh = exp > seconds - 300 && exp < seconds + 600;
    return verified && fresh && iss === this.options.clientId ? this.open() : refused;
  }

  private open(): TokenAnswer {
    const token = `00D000000000001!${randomBytes(24).toString('base64url')}`;
    this.live.add(token);
    return { ok: true, token };
  }
}
