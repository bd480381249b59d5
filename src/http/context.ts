/** What the middleware of one request hand to each other. */
import type Koa from 'koa';

export interface HttpState {
  requestId: string;
  /** The client's address, seen through trusted proxies only. */
  address: string;
  /** A proxy nobody configured stands between: `address` is the proxy's, and the client's is not known. */
  addressHidden: boolean;
  /** Set once somebody is proved. */
  staffId?: string;
  apiKeyId?: string;
  customerId?: string;
  /** The declared path, such as /console/v1/customers/:id: what logs and metrics are grouped by. */
  route?: string;
}

export type HttpContext = Koa.ParameterizedContext<HttpState>;
export type Middleware = Koa.Middleware<HttpState>;
