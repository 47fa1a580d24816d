// What ical.js or node-ical reads in a calendar: node read.mjs FOLDER PROGRAM FILE, one JSON line for each event.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, program, file] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const text = readFileSync(file, "utf8");

function tell(uid, start, end, status, sequence) {
  const second = (date) => Math.round(date.getTime() / 1000);
  console.log(JSON.stringify({ uid, start: second(start), end: second(end), status, sequence: Number(sequence) }));
}

if (program === "ical.js") {
  const loaded = require("ical.js");
  const ICAL = loaded.default ?? loaded;
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  for (const component of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(component);
    const status = component.getFirstPropertyValue("status");
    tell(event.uid, event.startDate.toJSDate(), event.endDate.toJSDate(), status, event.sequence);
  }
} else {
  const ical = require("node-ical");
  for (const event of Object.values(ical.sync.parseICS(text))) {
    if (event.type === "VEVENT") tell(event.uid, event.start, event.end, event.status, event.sequence);
  }
}
