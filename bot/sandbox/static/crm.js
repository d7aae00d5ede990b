// The CRM's deals, the selected one with its form and timeline, and what has just changed by whom.

import { act, arrows, clock, day, money, of, show } from "./dom.js";

const $ = (id) => document.getElementById(id);
const FRESH_MS = 15000;

export class Crm {
  constructor({ onmove }) {
    this.onmove = onmove;
    this.selected = "9001";
    this.counts = null;
    this.fresh = new Map();
    arrows($("deals"), "option");
  }

  render(world, person) {
    this.world = world;
    this.person = person;
    this.noteFresh();
    $("crm-note").textContent = `${world.deals.length} deals`;
    const own = world.deals.filter((deal) => this.isOwn(deal));
    const rest = world.deals.filter((deal) => !own.includes(deal));
    const title = person.role === "manager" ? `${person.name}’s deals` : person.org;
    const rows = [
      ...(own.length ? [{ title }, ...own] : []),
      ...(rest.length ? [{ title: own.length ? "Other partners" : "All deals" }, ...rest] : []),
    ].map((row) => (row.id ? this.rowOf(row) : row));
    show($("deals"), rows, (row) => row.id ?? row.title, (row) => (row.id ? this.row(row) : of("h3", { role: "presentation" }, row.title)));
    const deal = world.deals.find((one) => one.id === this.selected) ?? world.deals[0];
    show($("deal"), ["head", "form", "timeline"].map((part) => ({ part, deal: partOf(part, deal) })),
      (item) => `${item.part}${deal.id}`, (item) => this[item.part](deal));
  }

  isOwn(deal) {
    return this.person.role === "manager" ? deal.owner === this.person.name : deal.partner_id === this.person.org_id;
  }

  /** Remember which fields changed since the last look; they stay marked for a while. */
  noteFresh() {
    const before = this.counts;
    this.counts = new Map(this.world.deals.map((deal) => [deal.id, deal.changes.length]));
    if (!before) return;
    for (const deal of this.world.deals) {
      if (!before.has(deal.id)) this.selected = deal.id;
      const news = deal.changes.slice(before.get(deal.id) ?? 0);
      if (!news.length) continue;
      const marked = { ...this.fresh.get(deal.id) };
      for (const change of news) marked[change.field] = change;
      this.fresh.set(deal.id, marked);
      if (news.some((change) => change.by_app)) this.selected = deal.id;
      setTimeout(() => {
        if (this.fresh.get(deal.id) !== marked) return;
        this.fresh.delete(deal.id);
        this.render(this.world, this.person);
      }, FRESH_MS);
    }
  }

  rowOf(deal) {
    const stages = this.stages(deal);
    return {
      id: deal.id, name: deal.name, customer: deal.customer, partner: deal.partner, own: this.isOwn(deal),
      stage: stages.find((stage) => stage.id === deal.stage)?.label ?? deal.stage,
      place: stages.findIndex((stage) => stage.id === deal.stage),
      of: stages.length - 2,
      amount: deal.amount, currency: deal.currency, close_date: deal.close_date,
      fresh: this.fresh.get(deal.id) ?? {},
      selected: deal.id === this.selected,
    };
  }

  row(deal) {
    const { dealstage, amount, closedate } = deal.fresh;
    const latest = Object.values(deal.fresh).sort((one, other) => one.at.localeCompare(other.at)).at(-1);
    const count = deal.of;
    return of("div", {
      class: `deal-row${latest ? " fresh" : ""}`,
      role: "option",
      tabindex: 0,
      "data-focus": "row",
      "data-deal": deal.id,
      "aria-selected": String(deal.selected),
      onclick: () => this.select(deal.id),
      onkeydown: (event) => { if (event.key === "Enter") this.select(deal.id); },
    },
    of("span", { class: "name" }, deal.name),
    of("span", { class: "amount" }, changed(amount, deal.currency) ?? money(deal.amount, deal.currency)),
    of("span", { class: "stage" },
      of("span", { class: `bar${deal.place === count ? " won" : deal.place > count ? " lost" : ""}`, "aria-hidden": true },
        Array.from({ length: count }, (_, at) => of("i", { class: at <= deal.place ? "done" : "" }))),
      dealstage ? of("span", { class: "change" }, of("ins", {}, deal.stage)) : deal.stage),
    of("span", { class: "close" }, closedate ? of("span", { class: "change" }, of("ins", {}, day(deal.close_date))) : day(deal.close_date)),
    latest && of("span", { class: "by" }, by(latest), ` changed ${fieldsOf(deal.fresh, latest.who)}`));
  }

  select(id) {
    this.selected = id;
    this.render(this.world, this.person);
  }

  stages(deal) {
    return this.world.pipelines[deal.pipeline].stages;
  }

  head(deal) {
    return of("div", { class: "deal-head" },
      of("h3", {}, deal.name),
      of("p", {}, [deal.customer, `by ${deal.partner}`, `owner ${deal.owner}`].filter(Boolean).join(" · ")),
      deal.registration && of("p", { class: "protection" }, [deal.registration, protection(deal)].filter(Boolean).join(" · ")));
  }

  form(deal) {
    const stages = this.stages(deal);
    const next = stages[stages.findIndex((stage) => stage.id === deal.stage) + 1];
    const field = (label, name, input) => of("label", {}, of("span", {}, label), named(input, name));
    const stage = of("select", {}, stages.map((one) => of("option", { value: one.id, selected: one.id === deal.stage },
      one.label)));
    const form = of("form", { onsubmit: (event) => { event.preventDefault(); this.save(deal, form); } },
      field("Stage", "stage", stage),
      field("Amount", "amount", of("input", { type: "number", min: 0, step: "any", value: deal.amount })),
      field("Close date", "closedate", of("input", { type: "date", value: deal.close_date })),
      field("Next step", "hs_next_step", of("input", { type: "text", value: deal.next_step, placeholder: "—" })),
      of("div", { class: "acts" },
        of("button", { type: "submit", "data-focus": "save" }, `Save as ${deal.owner.split(" ")[0]}`),
        next && of("button", { type: "button", class: "primary", id: "move", "data-focus": "move",
          onclick: () => this.change(deal, { stage: next.id }) }, `Move to ${next.label} →`)));
    return form;
  }

  save(deal, form) {
    const held = { stage: deal.stage, amount: deal.amount, closedate: deal.close_date, hs_next_step: deal.next_step };
    const values = Object.fromEntries([...new FormData(form)].filter(([name, value]) => value !== held[name]));
    if (Object.keys(values).length) this.change(deal, values);
  }

  change(deal, values) {
    this.onmove(deal);
    return act("change", { deal: deal.id, values, by: deal.owner_id });
  }

  timeline(deal) {
    const entries = [
      ...together(deal.changes).map((changes) => ({ at: changes[0].at, body: [
        by(changes[0]), changes.map((change) => of("p", {}, `${change.label} `, changed(change, deal.currency)))] })),
      ...deal.notes.map((note) => ({ at: note.at, body: of("pre", { class: "note" }, note.text) })),
    ].sort((one, other) => new Date(other.at) - new Date(one.at));
    return of("div", { class: "timeline" }, of("h4", {}, "Timeline"), entries.length
      ? of("ol", {}, entries.map(({ at, body }) =>
        of("li", {}, of("time", { datetime: at }, clock(at)), of("div", {}, body))))
      : of("p", { class: "empty" }, "Nothing has happened yet. Move the deal and see."));
  }
}

/** The piece of a deal that a part shows: the part is rebuilt only when that has changed. */
function partOf(part, deal) {
  const { changes, notes, ...values } = deal;
  return part === "timeline" ? { changes, notes } : values;
}

/** How the deal's protection stands, in words; nothing where it has none. */
function protection(deal) {
  if (deal.registration_status && deal.registration_status !== "protected") return deal.registration_status;
  return deal.protected_until && `protected until ${day(deal.protected_until)}`;
}

function changed(change, currency) {
  if (!change) return null;
  const shown = (value) => {
    if (!value) return "—";
    if (change.field === "amount") return money(value, currency);
    return /date|until/.test(change.field) ? day(value) : value;
  };
  return of("span", { class: "change" }, of("del", {}, shown(change.old)), " → ", of("ins", {}, shown(change.new)));
}

const named = (input, name) => {
  Object.assign(input, { name }).dataset.focus = name;
  return input;
};

/** Changes of one person within two seconds are one entry. */
function together(changes) {
  const groups = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last && last[0].who === change.who && new Date(change.at) - new Date(last[0].at) < 2000) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

const fieldsOf = (fresh, who) =>
  Object.values(fresh).filter((change) => change.who === who).map((change) => change.label.toLowerCase()).join(", ");

const by = (change) => of("span", { class: `who-changed${change.by_app ? " app" : ""}` }, change.who);
