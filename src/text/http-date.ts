// Dates as HTTP writes them and as it must be able to read them (RFC 9110 §5.6.7).

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Dates that were written lately: those of the files that are asked for again and again. */
const written = new Map<number, string>();
const MOST_WRITTEN = 1000;

/** Milliseconds since the epoch → IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`, in whole seconds. */
export function formatHttpDate(milliseconds: number): string {
  let text = written.get(milliseconds);
  if (text !== undefined) return text;
  text = new Date(milliseconds).toUTCString();
  if (written.size >= MOST_WRITTEN) written.clear();
  written.set(milliseconds, text);
  return text;
}

// IMF-fixdate  = day-name "," SP day SP month SP year SP time-of-day SP GMT
const IMF_FIXDATE = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
// rfc850-date  = day-name-l "," SP day "-" month "-" 2DIGIT SP time-of-day SP GMT
const RFC850_DATE =
  /^(?:Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d:\d\d:\d\d) GMT$/;
// asctime-date = day-name SP month SP ( 2DIGIT / ( SP 1DIGIT )) SP time-of-day SP year
const ASCTIME_DATE = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/;

/**
 * Any of the three formats → milliseconds since the epoch; `undefined` for what is no HTTP date.
 * @param now milliseconds since the epoch; decides the century of a year with two digits
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  // The one that nearly all clients send: each part has its place, and need not be searched.
  if (IMF_FIXDATE.test(text)) {
    const year = twoDigits(text, 12) * 100 + twoDigits(text, 14);
    return toTime(year, text.slice(8, 11), twoDigits(text, 5), text.slice(17, 25));
  }
  let match = RFC850_DATE.exec(text);
  if (match !== null) {
    // "… MUST interpret a timestamp that appears to be more than 50 years in the future as representing the
    // most recent year in the past that had the same last two digits."
    const limit = new Date(now);
    const year = Math.floor(limit.getUTCFullYear() / 100) * 100 + Number(match[3]);
    limit.setUTCFullYear(limit.getUTCFullYear() + 50);
    const time = toTime(year, match[2]!, Number(match[1]), match[4]!);
    if (time === undefined || time <= limit.getTime()) return time;
    return toTime(year - 100, match[2]!, Number(match[1]), match[4]!);
  }
  match = ASCTIME_DATE.exec(text);
  if (match !== null) return toTime(Number(match[4]), match[1]!, Number(match[2]), match[3]!);
  return undefined;
}

/** @param clock `08:49:37` */
function toTime(year: number, monthName: string, day: number, clock: string): number | undefined {
  const month = MONTHS.indexOf(monthName);
  const [hour, minute, second] = [twoDigits(clock, 0), twoDigits(clock, 3), twoDigits(clock, 6)];
  // 60 is a leap second; Date.UTC carries it into the next minute.
  if (month === -1 || hour > 23 || minute > 59 || second > 60) return undefined;
  // Date.UTC would turn 31 February into 2 March: a date that no one meant.
  if (day < 1 || day > (month === FEBRUARY && isLeapYear(year) ? 29 : DAYS[month]!)) return undefined;
  // Date.UTC takes the years below 100 for those of the 20th century. The calendar
  // repeats itself every 400 years.
  return Date.UTC(year + 400, month, day, hour, minute, second) - FOUR_CENTURIES;
}

/** The number that two characters are, which are known to be digits. */
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
}

const FEBRUARY = 1;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** In milliseconds. */
const FOUR_CENTURIES = 146_097 * 86_400_000;

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The day and time of a log line, local time, as the original writes it: `06/Nov/1994 08:49:37`. */
export function formatLogDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  return `${logDay(date)} ${logTime(date)}`;
}

/** The same in the Common Log Format, with the distance from UTC: `06/Nov/1994:08:49:37 +0100`. */
export function formatCommonLogDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  const offset = -date.getTimezoneOffset();
  const minutes = Math.abs(offset);
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
  return `${logDay(date)}:${logTime(date)} ${zone}`;
}

function logDay(date: Date): string {
  return `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}`;
}

function logTime(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}
