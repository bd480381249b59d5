/** The part of @koa/multer that is used; the package brings no types. */
declare module '@koa/multer' {
  import type { Middleware } from 'koa';

  interface Multer {
    single(field: string): Middleware;
  }
  interface MulterFactory {
    (options: { storage: unknown; limits: Record<string, number> }): Multer;
    memoryStorage(): unknown;
    diskStorage(options: {
      destination: string;
      filename(req: unknown, file: unknown, named: (error: null, name: string) => void): void;
    }): unknown;
  }
  const multer: MulterFactory;
  export = multer;
}
