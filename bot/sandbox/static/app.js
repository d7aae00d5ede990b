// The page: one stream of snapshots, three panels, and the steps of the story.

import { act, day, of, show } from "./dom.js";
import { Crm } from "./crm.js";
import { Inbox } from "./inbox.js";
import { Slack } from "./slack.js";

const $ = (id) => document.getElementById(id);

/** What happened in this browser, in milliseconds: the stopwatches of the steps. */
const story = { moved: null, told: null, opened: false, sent: null, written: null };
let world = null;

const crm = new Crm({ onmove: () => { Object.assign(story, { moved: performance.now(), told: null }); } });
const slack = new Slack();
const inbox = new Inbox({
  onperson(email) {
    inbox.switchTo(email);
    slack.lookAs(email);
    render();
  },
  onopen(mails) {
    if (mails.some(isNotice)) story.opened = true;
    const deal = world.deals.find((one) => mails.some((mail) => mail.subject.includes(one.name)));
    if (deal) crm.selected = deal.id;
    render();
  },
  onsent() { Object.assign(story, { sent: performance.now(), written: null }); },
});

const isNotice = (mail) => mail.direction === "in" && world.deals.some((deal) => mail.subject.includes(deal.name));
const person = () => world.people.find((one) => one.email === inbox.person);
const written = (snapshot) => snapshot.deals.flatMap((deal) => deal.changes).filter((change) => change.by_app).length;
const notices = (snapshot) => snapshot.mails.filter((mail) => mail.direction === "in").length;

function receive(snapshot) {
  const before = world;
  world = snapshot;
  if (before) {
    const now = performance.now();
    if (story.moved && story.told === null && notices(world) > notices(before)) story.told = now - story.moved;
    if (story.sent && story.written === null && written(world) > written(before)) story.written = now - story.sent;
  }
  render();
}

function render() {
  if (!world) return;
  inbox.render(world);
  slack.render(world);
  crm.render(world, person());
  renderSteps();
  Object.assign($("today"), { dateTime: world.today, textContent: day(world.today) });
}

function renderSteps() {
  const moved = world.deals.some((deal) => deal.changes.some((change) => !change.by_app));
  const answered = world.mails.some((mail) => mail.direction === "out");
  const first = person().name.split(" ")[0];
  const steps = [
    { key: "move", text: "Move Acme rollout to the next stage", done: moved },
    { key: "open", text: `Open ${first}’s mail`, done: story.opened || answered, after: story.told, word: "came in" },
    { key: "answer", text: "Answer in your own words", done: answered },
    { key: "watch", text: "Watch the deal", done: written(world) > 0, after: story.written, word: "right in" },
  ];
  const current = steps.find((step) => !step.done)?.key;
  show($("steps"), steps.map((step) => ({ ...step, current: step.key === current })), (step) => step.key, (step) =>
    of("li", { class: step.done ? "done" : "" },
      of("button", { type: "button", "data-focus": "step", "aria-current": step.current ? "step" : null,
        onclick: () => lead(step.key) },
      of("span", { class: "tick", "aria-hidden": true }),
      of("span", {}, step.text, step.done && of("span", { class: "hidden" }, " (done)")),
      step.after && of("small", {}, `${step.word} ${(step.after / 1000).toFixed(1)} s`))));
}

/** Bring the person to where a step is done. */
function lead(step) {
  if (step === "move" || step === "watch") crm.select("9001");
  const places = {
    move: () => $("move"),
    open: () => $("mails").querySelector("[role=option]"),
    answer: () => $("reply"),
    watch: () => $("deals").querySelector("[data-deal='9001']"),
  };
  const place = places[step]();
  place?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  place?.focus();
}

function listen() {
  const stream = new EventSource("/api/events");
  stream.addEventListener("open", () => status("live", true));
  stream.addEventListener("error", () => status("reconnecting…", false));
  stream.addEventListener("message", (event) => receive(JSON.parse(event.data)));
}

function status(words, good) {
  $("live").textContent = words;
  $("live").classList.toggle("good", good);
}

$("wait").addEventListener("click", () => act("wait", { days: 7 }));
listen();
