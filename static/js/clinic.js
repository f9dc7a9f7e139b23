/* What the page says of the clinic, for everything that formats: read at the start and again after a change of settings. */

import { useClinic } from "./time.js";

const NAMES = ["tz", "locale", "country", "target", "hours", "undo", "lock", "clinicName"];

/** Take the clinic's zone, locale, hours and reply target from a body's data-* attributes. */
export function readClinic(data) {
  for (const name of NAMES) if (data[name] !== undefined) document.body.dataset[name] = data[name];
  let hours = {};
  try {
    hours = JSON.parse(data.hours || "{}");
  } catch {
    // without readable hours the clinic counts as always open
  }
  useClinic({ timezone: data.tz || "UTC", locale: data.locale || "en-US", hours, target: Number(data.target) || 15 });
}
