/**
 * The mini-program cannot import the server's schemas, so it writes its types down itself. This file compiles only while the two agree: what
 * the server answers fits what the mini-program reads, and what it sends fits what the server takes.
 */
import type { z } from 'zod';
import type * as app from '../../miniprogram/app/utils/types.js';
import type * as http from '../../src/contracts/http/member.js';

type Fits<Given, Wanted> = [Given] extends [Wanted] ? true : { given: Given; wanted: Wanted };
type All<T extends readonly true[]> = T;

export type Answers = All<
  [
    Fits<z.output<typeof http.MemberSession>, app.Session>,
    Fits<z.output<typeof http.MemberTexts>, app.Texts>,
    Fits<z.output<typeof http.MemberMe>, app.Me>,
    Fits<z.output<typeof http.MemberEntry>, app.Entry>,
    Fits<z.output<typeof http.MemberVoucher>, app.Voucher>,
    Fits<z.output<typeof http.MemberOffer>, app.Offer>,
    Fits<z.output<typeof http.MemberOrder>, app.Order>,
    Fits<z.output<typeof http.MemberLevels>, { items: app.LevelStep[] }>,
    Fits<z.output<typeof http.MemberMessage>, app.Message>,
    Fits<z.output<typeof http.CheckedIn>, app.CheckedIn>,
  ]
>;
export type Requests = All<
  [
    Fits<Required<app.JoinRequest>, Required<z.input<typeof http.JoinBody>>>,
    Fits<Required<app.ProfileChange>, Required<z.input<typeof http.ChangeMe>>>,
    Fits<Required<app.PrivacyChange>, Required<z.input<typeof http.PrivacyBody>>>,
    Fits<{ until: string }, z.input<typeof http.MessagesReadBody>>,
    Fits<app.NoticesReport, z.input<typeof http.NoticesBody>>,
  ]
>;
