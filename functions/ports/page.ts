/** One file of the built page. */
export interface PageFile {
  /** Its media type. */
  readonly type: string;
  readonly text: string;
}

/** The built page: its files by their path, such as "/index.html" and "/assets/index-1a2b3c.js". */
export type Page = ReadonlyMap<string, PageFile>;
