/** What the routes of segments, lists, tags, the shop's own fields, scores and the dashboard ask of the product. Part of ports.ts. */
import type { z } from 'zod';
import type * as c from '../contracts/index.js';
import type { Actor, Page, PageRequest } from './ports.js';

type Rule = z.output<typeof c.RuleBody>;

/** Rules are refused with 400 request.invalid, each problem of them named. */
export interface SegmentsPort {
  fields(): Promise<z.infer<typeof c.SegmentFields>>;
  /** Within moments; what takes longer is counted in the background under `countId`. */
  count(body: Rule, by: Actor): Promise<z.infer<typeof c.SegmentCount>>;
  /** 404 count.notFound; they are kept for a day. */
  counted(id: string): Promise<z.infer<typeof c.SegmentCountJob>>;
  sample(body: z.output<typeof c.SampleBody>): Promise<Page<c.PersonRow>>;
  /** 503 segment.slow where a page takes too long to find. */
  people(body: Rule, page: PageRequest): Promise<Page<c.PersonRow>>;
  /** 404 customer.notFound */
  why(body: z.output<typeof c.WhyBody>): Promise<z.infer<typeof c.Why>>;
  /** Changed last first. */
  list(page: PageRequest): Promise<Page<c.SegmentView>>;
  /** 404 segment.notFound */
  get(id: string): Promise<c.SegmentView>;
  versions(id: string): Promise<z.infer<typeof c.SegmentVersions>>;
  add(body: z.output<typeof c.PutSegment>, by: Actor): Promise<c.SegmentView>;
  put(id: string, body: z.output<typeof c.PutSegment>, by: Actor): Promise<c.SegmentView>;
  /** 409 segment.inUse */
  remove(id: string, by: Actor): Promise<void>;
}

/** 404 list.notFound. */
export interface ListsPort {
  list(page: PageRequest): Promise<Page<c.ListView>>;
  add(body: z.output<typeof c.PutList>, by: Actor): Promise<c.ListView>;
  put(id: string, body: z.output<typeof c.PutList>, by: Actor): Promise<c.ListView>;
  people(id: string, page: PageRequest): Promise<Page<c.PersonRow>>;
  /** 400 with every customer that there is not. */
  changePeople(id: string, body: z.output<typeof c.ListPeople>, by: Actor): Promise<c.ListView>;
}

export interface MarksPort {
  /** 404 customer.notFound */
  get(customerId: string): Promise<c.CustomerMarks>;
  tagsInUse(): Promise<z.infer<typeof c.TagsInUse>>;
  /** 409 tag.tooMany */
  changeTags(customerId: string, body: z.output<typeof c.ChangeTags>, by: Actor): Promise<c.CustomerMarks>;
  /** 400 with every field that does not fit. */
  changeFields(customerId: string, body: z.output<typeof c.ChangeFields>, by: Actor): Promise<c.CustomerMarks>;
  fields(): Promise<z.infer<typeof c.CustomFields>>;
  /** 409 field.typeChanged, field.tooMany; 400 field.options */
  putField(key: string, body: z.output<typeof c.PutCustomField>, by: Actor): Promise<c.CustomFieldView>;
}

export interface ScoresPort {
  list(): Promise<z.infer<typeof c.ScoreRuns>>;
  /** Goes on in the background where it takes longer than a request may. */
  run(): Promise<z.infer<typeof c.ScoresAsked>>;
}

export interface DashboardPort {
  today(): Promise<z.input<typeof c.Dashboard>>;
  /** 404 figure.notFound */
  rows(code: string, query: z.output<typeof c.FigureQuery>): Promise<Page<c.FigureRow>>;
}

export interface PeoplePorts {
  segments: SegmentsPort;
  lists: ListsPort;
  marks: MarksPort;
  scores: ScoresPort;
  dashboard: DashboardPort;
}
