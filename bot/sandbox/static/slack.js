// The Slack channels as one of their members sees them, with buttons that press and a box to write in.

import { act, arrows, avatar, clock, fillSelect, of, sendsOnEnter, show } from "./dom.js";

const $ = (id) => document.getElementById(id);

export class Slack {
  constructor() {
    this.channel = null;
    this.thread = null;
    this.speakers = new Map();
    this.seen = new Map();
    $("speaker").addEventListener("change", () => {
      this.speakers.set(this.channel, $("speaker").value);
      this.render(this.world);
    });
    $("say-form").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    sendsOnEnter($("say"), true);
    arrows($("channels"), "tab");
  }

  /** Look through the eyes of a person of the inbox: their channel, if they have one. */
  lookAs(person) {
    const user = (place) => place.members.find((member) => member.email === person);
    const place = this.world?.channels.find(user);
    if (!place) return;
    this.speakers.set(place.id, user(place).id);
    this.openChannel(place.id);
  }

  get place() {
    return this.world.channels.find((channel) => channel.id === this.channel);
  }

  get speaker() {
    const chosen = this.speakers.get(this.channel);
    const members = this.place.members;
    return members.find((member) => member.id === chosen) ?? members.find((m) => m.team !== "Meridian Software") ??
      members[0];
  }

  render(world) {
    this.world = world;
    if (!this.place) this.channel = (world.channels.find((c) => c.name === "#brandt-it") ?? world.channels[0]).id;
    const place = this.place;
    const tabs = world.channels.map((channel) => this.tab(channel)).sort((one, other) => one.last - other.last);
    show($("channels"), tabs, (tab) => tab.id, (tab) => this.tabNode(tab));
    fillSelect($("speaker"), [["You are", place.members.map((m) => [m.id, m.name])]], this.speaker.id);
    const visible = place.messages.filter((message) => !message.only_for || message.only_for === this.speaker.id);
    const box = $("messages");
    const grew = visible.length !== this.shown || this.shownIn !== place.id;
    [this.shown, this.shownIn] = [visible.length, place.id];
    if (!visible.length) {
      show(box, [{}], () => "empty", () => of("p", { class: "empty" }, "Nothing has been said here yet."));
    } else {
      show(box, visible, (message) => `${place.id}${message.ts}`, (message) => this.message(message));
      if (grew) box.scrollTop = box.scrollHeight;
    }
    this.renderComposer();
  }

  tab(channel) {
    const open = channel.id === this.channel;
    if (open || !this.seen.has(channel.id)) this.seen.set(channel.id, channel.messages.length);
    return { id: channel.id, name: channel.name, open, last: channel.name === "#partner-managers" ? 1 : 0,
      news: channel.messages.length > this.seen.get(channel.id) };
  }

  tabNode(tab) {
    return of("button", {
      type: "button",
      role: "tab",
      "aria-selected": String(tab.open),
      class: tab.news ? "news" : "",
      onclick: () => this.openChannel(tab.id),
    }, tab.name, tab.news && of("span", { class: "dot", title: "new messages" }));
  }

  openChannel(id) {
    this.channel = id;
    this.answerIn(null);
  }

  answerIn(message) {
    this.thread = message && (message.thread || message.ts);
    $("mention").checked = !this.thread;
    this.render(this.world);
    if (message) $("say").focus();
  }

  renderComposer() {
    const root = this.thread && this.place.messages.find((message) => message.ts === this.thread);
    const key = root ? `${root.ts}` : this.channel;
    if ($("say-hint").dataset.key === key) return;
    $("say-hint").dataset.key = key;
    $("say").placeholder = root ? "Reply in the thread…" : `Message ${this.place.name}`;
    $("say-hint").replaceChildren(...(root ? [
      "in thread ", of("button", { type: "button", class: "quiet", "aria-label": "Leave the thread",
        onclick: () => this.answerIn(null) }, "×"),
    ] : []));
  }

  message(message) {
    const whisper = message.only_for && of("p", { class: "whisper-note" }, "Only visible to you");
    return of("article", { class: `message${message.thread ? " reply" : ""}${message.only_for ? " whisper" : ""}` },
      avatar(message.author, message.is_app),
      of("div", { class: "said" },
        whisper,
        of("p", { class: "byline" }, of("strong", {}, message.author),
          message.is_app && of("span", { class: "badge" }, "APP"),
          of("time", { datetime: message.at }, clock(message.at)),
          !message.only_for && of("button", {
            type: "button", class: "quiet thread", "data-focus": "thread", onclick: () => this.answerIn(message),
            "aria-label": `Reply in the thread of ${message.author}, ${clock(message.at)}`,
          }, "Reply")),
        message.blocks.map((block) => this.block(message, block)),
        message.reactions.length > 0 && of("p", { class: "reactions" }, message.reactions.join(" "))));
  }

  block(message, block) {
    if (block.kind === "divider") return of("hr");
    if (block.kind === "actions") {
      return of("div", { class: "actions" }, block.elements.map((element) => this.element(message, block, element)));
    }
    return of("div", { class: `block ${block.kind}` }, block.lines.map((line) =>
      of("p", { class: line.style }, line.runs.map(run))));
  }

  element(message, block, element) {
    const press = (value) => act("press", {
      user: this.speaker.id, channel: this.channel, ts: message.ts, action: element.action, block: block.block, value,
    });
    if (element.kind === "select") {
      return of("select", { "aria-label": element.label, onchange: (event) => press(event.target.value) },
        of("option", { value: "" }, element.label),
        element.options.map((option) => of("option", { value: option.value }, option.label)));
    }
    return of("button", {
      type: "button",
      class: element.style,
      "data-focus": element.action,
      onclick: async (event) => {
        event.target.disabled = true;
        await press(null);
        event.target.disabled = false;
      },
    }, element.label);
  }

  async send() {
    const text = $("say").value;
    if (!text.trim()) return;
    $("say").value = "";
    const body = { user: this.speaker.id, channel: this.channel, text, thread: this.thread ?? "",
      mention: $("mention").checked };
    if (!await act("say", body)) $("say").value = text;
  }
}

function run(piece) {
  let node = piece.text;
  if (piece.href) node = of("a", { href: safe(piece.href), target: "_blank", rel: "noreferrer noopener" }, node);
  if (piece.bold) node = of("strong", {}, node);
  if (piece.italic) node = of("em", {}, node);
  if (piece.strike) node = of("s", {}, node);
  if (piece.code) node = of("code", {}, node);
  if (piece.mention) node = of("span", { class: "mention" }, node);
  return node;
}

const safe = (href) => (/^(https?|mailto):/i.test(href) ? href : "#");
