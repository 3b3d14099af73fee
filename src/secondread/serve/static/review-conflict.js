// What is shown when somebody else saved first: who changed what, one's own text, and the ways on.

import { el } from "./review-form.js";

/** Fill the box; `settled` is called when the person has decided. */
export function showConflict({ box, review, known, say, details, settled }) {
  const { error, mine } = details;
  const current = error.body.current;
  const changes = error.body.changes ?? [];
  box.replaceChildren(el("h3", {}, say("review.conflict.title")), el("p", {}, whyRefused(current, review, say) ?? error.message));
  if (changes.length) {
    box.append(
      el("h4", {}, say("review.conflict.theirs")),
      el("ul", {}, ...changes.map((one) => el("li", {}, changeLine(one, say)))),
    );
  }
  const text = `${mine.text.findings}\n\n${mine.text.impression}`.trim();
  if (text) box.append(el("h4", {}, say("review.conflict.mine")), el("pre", {}, text));
  const mergeable = current && current.read_version === review.readVersion && current.state !== "signed";
  const choices = mergeable ? review.clashes().map((key) => clash(key, current, review, known, say)) : [];
  const theirs = () => new Set(choices.filter((one) => one.select.value === "theirs").map((one) => one.key));
  box.append(...choices.map((one) => one.row));
  const after = () => {
    box.hidden = true;
    settled();
  };
  box.append(
    el(
      "p",
      { class: "actions" },
      mergeable ? el("button", { type: "button", class: "main", onclick: () => { review.merge(theirs()); after(); } }, say("review.conflict.merge")) : null,
      mergeable ? el("button", { type: "button", onclick: () => { review.takeTheirs(); after(); } }, say("review.conflict.take")) : null,
      mergeable ? null : el("button", { type: "button", onclick: () => location.reload() }, say("review.conflict.reload")),
    ),
  );
  box.hidden = false;
  box.focus();
}

function whyRefused(current, review, say) {
  if (!current) return null;
  if (current.state === "signed") return say("review.conflict.signed");
  if (current.read_version !== review.readVersion) return say("review.conflict.read-again");
  return say("review.conflict.saved", { who: current.saved_by });
}

/** A finding that both decided: theirs stands unless the person says otherwise. */
function clash(key, current, review, known, say) {
  const short = (one) => (one ? [say(`review.decision.${one.decision}`), ...toldOf(one, known, say)].join(", ") : say("review.decision.none"));
  const select = el(
    "select",
    { id: `review-clash-${key}` },
    el("option", { value: "theirs" }, say("review.conflict.their-decision", { what: short(current.content.findings[key]) })),
    el("option", { value: "mine" }, say("review.conflict.my-decision", { what: short(review.content.findings[key]) })),
  );
  return { key, select, row: el("p", {}, el("label", { for: select.id }, known.findings[key].name), select) };
}

function changeLine(one, say) {
  const where = one.reader ? ` (${one.reader})` : "";
  return say("review.conflict.line", { who: one.who, what: say(`review.did.${one.action}`) + where, at: `${one.at.slice(11, 16)} UTC` });
}

/** What a decision or an added finding says, a line each. */
export function toldOf(one, known, say) {
  const lines = [];
  if (one.reason) lines.push(known.reasons[one.reason] + (one.comment ? `: ${one.comment}` : ""));
  if (one.presence) lines.push(say(`review.form.${one.presence}`));
  if (one.location) lines.push(`${say("review.form.location")}: ${one.location}`);
  if (one.text) lines.push(one.text);
  for (const number of one.measurements ?? []) lines.push(`${number.name}: ${number.value} ${number.unit}`);
  if (one.outlines?.length) lines.push(say("review.form.outlines", { count: one.outlines.length }));
  return lines;
}
