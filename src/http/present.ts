/** Turns a handler's result into the answer its route declared. JSON passes through the schema, so that nothing undeclared leaves. */
import type { z } from 'zod';
import type { HttpContext } from './context.js';
import type { Answer, FileAnswer, TextAnswer } from './route.js';

/** Kinds a browser may show by itself; all others are offered as a download. */
const shown = /^(image\/(png|jpeg|gif|webp)|audio\/(amr|mpeg|mp3|ogg|wav)|video\/mp4)$/;

export function present(ctx: HttpContext, answer: Answer<unknown>, result: unknown): void {
  switch (answer.kind) {
    case 'json':
      ctx.status = answer.status;
      ctx.body = jsonOf(answer.schema, result);
      ctx.type = 'application/json';
      return;
    case 'nothing':
      ctx.status = 204;
      return;
    case 'file':
      return presentFile(ctx, result as FileAnswer);
    case 'text':
      return presentText(ctx, result as TextAnswer);
    case 'stream':
      ctx.respond = false;
      return;
  }
}

/** Only what the schema declares. */
export function jsonOf(schema: z.ZodType, result: unknown): string {
  return JSON.stringify(schema.parse(result));
}

function presentFile(ctx: HttpContext, { bytes, mimeType, saveAs }: FileAnswer): void {
  const inline = saveAs === undefined && shown.test(mimeType);
  ctx.status = 200;
  ctx.body = bytes;
  // Names in Chinese go as RFC 5987 has it, which koa does.
  if (inline) ctx.set('Content-Disposition', 'inline');
  else ctx.attachment(saveAs);
  // After the name: koa guesses a type from it, and nothing that is saved is to be opened by its label.
  ctx.set('Content-Type', inline ? mimeType : 'application/octet-stream');
  // Files never change under their id, but only people who may read them may keep them.
  ctx.set('Cache-Control', 'private, max-age=86400');
}

function presentText(ctx: HttpContext, { status = 200, contentType, body, headers = {} }: TextAnswer): void {
  ctx.status = status;
  ctx.body = body;
  ctx.set('Content-Type', contentType);
  ctx.set(headers);
}
