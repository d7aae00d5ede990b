// The inbox of one person: conversations, the open one with its mails as they look, and the reply box.

import { act, arrows, avatar, clock, fillSelect, of, sendsOnEnter, show, tell } from "./dom.js";

const $ = (id) => document.getElementById(id);

export class Inbox {
  constructor({ onperson, onopen, onsent }) {
    Object.assign(this, { onopen, onsent });
    this.person = "julia@brandt-it.example";
    this.open = null;
    this.read = new Set();
    this.asText = new Set();
    this.drafts = new Map();
    $("person").addEventListener("change", () => onperson($("person").value));
    $("reply-form").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    sendsOnEnter($("reply"));
    arrows($("mails"), "option");
  }

  /** Show somebody else's inbox. */
  switchTo(person) {
    if (this.person === person) return;
    this.openThread(null);
    this.person = person;
  }

  render(world) {
    this.world = world;
    fillSelect($("person"), groupsOf(world.people), this.person);
    const threads = this.threads();
    if (!threads.some((thread) => thread.id === this.open)) this.open = null;
    show($("mails"), threads, (thread) => thread.id, (thread) => this.row(thread));
    if (!threads.length) {
      show($("mails"), [{ empty: true }], () => "empty", () => of("p", { class: "empty" }, "No mail yet."));
    }
    this.renderConversation();
  }

  threads() {
    const own = this.world.mails.filter((mail) => mail.box === this.person);
    const threads = new Map();
    for (const mail of own) threads.set(mail.thread, [...(threads.get(mail.thread) ?? []), mail]);
    return [...threads].map(([id, mails]) => {
      const last = mails.at(-1);
      const received = mails.filter((mail) => mail.direction === "in");
      return {
        id,
        keys: mails.map((mail) => mail.key),
        subject: mails[0].subject,
        count: mails.length,
        last: last.direction === "out" ? `You: ${last.text}` : gist(last.text),
        at: last.at,
        from: received.at(-1)?.from ?? last.from,
        unread: received.some((mail) => !this.isRead(mail)) && id !== this.open,
        open: id === this.open,
      };
    }).reverse().sort((one, other) => other.at.localeCompare(one.at));
  }

  /** A code for Slack is read by whoever typed it. */
  isRead(mail) {
    return this.read.has(mail.key) || /\b\d{6}\b/.test(mail.subject);
  }

  row(thread) {
    return of("div", {
      class: `mail-row${thread.unread ? " unread" : ""}`,
      role: "option",
      tabindex: 0,
      "aria-selected": String(thread.open),
      "data-focus": "row",
      onclick: () => this.openThread(thread.id),
      onkeydown: (event) => { if (event.key === "Enter") this.openThread(thread.id); },
    },
    of("span", { class: "dot", title: thread.unread ? "unread" : "" }),
    of("span", { class: "subject" }, thread.subject),
    of("span", {}, thread.count > 1 && of("span", { class: "count", title: `${thread.count} mails` }, String(thread.count)),
      of("time", { datetime: thread.at }, clock(thread.at))),
    of("span", { class: "gist" }, thread.last));
  }

  openThread(id) {
    if (this.open) this.drafts.set(this.open, $("reply").value);
    this.open = id;
    $("reply").value = this.drafts.get(id) ?? "";
    if (!this.world) return;
    if (id) this.onopen(this.world.mails.filter((mail) => mail.thread === id && mail.box === this.person));
    this.render(this.world);
  }

  renderConversation() {
    const box = $("conversation");
    const mails = this.world.mails.filter((mail) => mail.thread === this.open && mail.box === this.person);
    const grew = mails.length && mails.at(-1).key !== box.lastElementChild?.dataset.key;
    for (const mail of mails) this.read.add(mail.key);
    show(box, mails.length ? mails : [{ empty: true }], (mail) => mail.key ?? "empty", (mail) => this.letter(mail));
    if (grew) this.reveal(box.lastElementChild);
    $("reply-form").hidden = !mails.some((mail) => mail.direction === "in");
    const { name, language } = this.world.people.find((person) => person.email === this.person);
    $("reply-hint").textContent = `as ${name}`;
    $("example").hidden = !(language in EXAMPLES);
    $("example").onclick = () => { $("reply").value = EXAMPLES[language]; $("reply").focus(); };
  }

  /** Scroll to the beginning of the newest mail, or of the answer that it answers. */
  reveal(letter) {
    const box = $("conversation");
    if (letter !== box.lastElementChild) return;
    const before = letter.previousElementSibling;
    box.scrollTop = (before?.classList.contains("mine") ? before : letter).offsetTop;
  }

  letter(mail) {
    if (mail.empty) return of("p", { class: "empty" }, "Open a mail to read it and to answer.");
    const mine = mail.direction === "out";
    const name = mine ? this.world.people.find((person) => person.email === mail.box)?.name ?? mail.box : mail.from;
    const body = of("div", { class: "letter-body" });
    const toggle = mail.has_html && of("button", { type: "button", class: "quiet", "data-focus": "view" });
    const fill = () => {
      const asText = !mail.has_html || this.asText.has(mail.key);
      body.replaceChildren(asText ? of("pre", {}, mail.text) : this.frame(mail));
      if (toggle) toggle.textContent = asText ? "As it looks" : "Plain text";
    };
    if (toggle) {
      toggle.addEventListener("click", () => {
        if (!this.asText.delete(mail.key)) this.asText.add(mail.key);
        fill();
      });
    }
    fill();
    return of("article", { class: `letter${mine ? " mine" : ""}` },
      of("header", {}, avatar(name, !mine),
        of("span", { class: "name" }, name, of("small", {}, mine ? "to the desk" : `to ${mail.to}`)),
        toggle, of("time", { datetime: mail.at }, clock(mail.at))),
      body);
  }

  /** The mail's own HTML in a frame whose scripts never run; we listen to its links from outside. */
  frame(mail) {
    const src = `/mail/${encodeURIComponent(mail.box)}/${mail.number}`;
    const frame = of("iframe", { src, sandbox: "allow-same-origin", title: mail.subject, scrolling: "no" });
    frame.addEventListener("load", () => {
      const inside = frame.contentDocument;
      const fit = () => { frame.style.height = `${inside.documentElement.scrollHeight}px`; };
      fit();
      this.reveal(frame.closest(".letter"));
      new ResizeObserver(fit).observe(inside.body);
      inside.addEventListener("click", (event) => {
        const link = event.target.closest?.("a[href]");
        if (!link) return;
        event.preventDefault();
        this.follow(link.getAttribute("href"));
      });
    });
    return frame;
  }

  /** A button of a mail is a mailto: its word goes into the reply box. */
  follow(href) {
    if (!href.startsWith("mailto:")) {
      tell(`A mail program would open ${href}`);
      return;
    }
    const word = new URLSearchParams(href.split("?")[1] ?? "").get("body");
    if (word) $("reply").value = word;
    $("reply").focus();
  }

  async send() {
    const mails = this.world.mails.filter((mail) => mail.thread === this.open && mail.box === this.person);
    const latest = mails.filter((mail) => mail.direction === "in").at(-1);
    const words = $("reply").value;
    if (!latest || !words.trim()) return;
    this.onsent(mails);
    $("reply").value = "";
    if (!await act("reply", { address: this.person, number: latest.number, words })) $("reply").value = words;
  }
}

const EXAMPLES = {
  en: "Thanks! Closing moves to end of Q1, and the amount is 60k now. Next step: demo with the CTO.",
  de: "Danke! Abschluss verschiebt sich auf Ende Q1, und es werden 60k. Nächster Schritt: Demo mit dem CTO.",
  fr: "Merci ! La clôture est repoussée à fin mars, et le montant est maintenant de 60 k€.",
  nl: "Bedankt! De afsluiting schuift op naar eind maart en het bedrag wordt 60k.",
  es: "¡Gracias! El cierre se retrasa a finales de marzo y el importe es de 60.000 €.",
  it: "Grazie! La chiusura slitta a fine marzo e l’importo è di 60.000 €.",
  pt: "Obrigado! O fecho passa para o fim de março e o valor é de 60.000 €.",
};

const gist = (text) => text.split("\n").filter((line) => line.trim() && !line.startsWith("##-")).join(" ").slice(0, 140);

function groupsOf(people) {
  const groups = new Map();
  for (const person of people) {
    const group = person.org || "Partner managers";
    groups.set(group, [...(groups.get(group) ?? []), [person.email, person.name]]);
  }
  return [...groups];
}
