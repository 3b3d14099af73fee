// What the page holds of a review: the content, whether it is saved, and what to do when somebody else saved first.

const QUIET_MS = 1200;
export const AGAIN_MS = 5000;

export const emptyContent = () => ({ findings: {}, added: [], text: { findings: "", impression: "", language: "en", edited: false } });

const csrf = () => document.querySelector('meta[name="csrf"]').content;

/** One request; the answer's JSON, or an error with `status` and `body`. */
export async function ask(path, method = "GET", body = undefined) {
  const options = { method, headers: { Accept: "application/json", "X-CSRF-Token": csrf() } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(typeof told.detail === "string" ? told.detail : `${answer.status}`);
    error.status = answer.status;
    error.body = told;
    throw error;
  }
  return told;
}

/**
 * After a log-out: whether the same person is logged in again, as in another tab. Then forms of this page work again.
 * Another person's session is never used: what is here would be saved under their name.
 */
export async function loggedInAgain(name) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const panel = page.getElementById("review-panel");
  if (!panel || JSON.parse(panel.dataset.script).person !== name) return false;
  document.querySelector('meta[name="csrf"]').content = page.querySelector('meta[name="csrf"]').content;
  return true;
}

/** Seconds that the page was in front since they were last taken. */
export class Watch {
  constructor() {
    this.sum = 0;
    this.since = document.hidden ? null : performance.now();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        this.sum += this.since === null ? 0 : performance.now() - this.since;
        this.since = null;
      } else this.since = performance.now();
    });
  }

  take() {
    const now = performance.now();
    const seconds = (this.sum + (this.since === null ? 0 : now - this.since)) / 1000;
    this.sum = 0;
    this.since = document.hidden ? null : now;
    return seconds;
  }
}

/** The review on this page. `tell(state, details)` is called when something about saving changes. */
export class Review {
  constructor(known, tell, aiShown) {
    this.known = known;
    this.path = `/review/${encodeURIComponent(known.study)}`;
    this.tell = tell;
    this.aiShown = aiShown;
    this.content = emptyContent();
    this.stored = emptyContent();
    this.revision = 0;
    this.readVersion = known.readVersion;
    this.watch = new Watch();
    this.timer = null;
    this.saving = null;
    this.conflict = null;
  }

  async load() {
    const told = await ask(this.path);
    this.take(told);
    return told;
  }

  take(told) {
    this.content = structuredClone(told.content);
    this.stored = structuredClone(told.content);
    this.revision = told.revision;
  }

  get dirty() {
    return JSON.stringify(this.content) !== JSON.stringify(this.stored);
  }

  /** Something was changed: save soon. */
  changed() {
    if (this.conflict) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), QUIET_MS);
  }

  /** Save now; true when all is stored. Two saves never run at once. */
  async save() {
    clearTimeout(this.timer);
    while (this.saving) await this.saving; // whoever waited beside this one may have begun the next
    if (!this.dirty || this.conflict) return !this.dirty;
    this.saving = this.send();
    const good = await this.saving;
    this.saving = null;
    return good && (!this.dirty || this.save());
  }

  async send() {
    const sent = structuredClone(this.content);
    const seconds = this.watch.take();
    this.tell("saving", {});
    try {
      const told = await ask(this.path, "PUT", {
        read_version: this.readVersion,
        revision: this.revision,
        content: sent,
        seconds,
        ai_shown: this.aiShown(),
      });
      this.revision = told.revision;
      this.stored = sent;
      this.tell("saved", told);
      return true;
    } catch (error) {
      this.watch.sum += seconds * 1000;
      if (error.status === 409) {
        this.conflict = error.body;
        this.tell("conflict", { error, mine: sent });
      } else {
        const loggedOut = error.status === 401 || error.status === 403;
        this.tell(loggedOut ? "logged-out" : "failed", { error });
        const again = error.status === undefined || error.status >= 500;
        if (again || loggedOut) this.timer = setTimeout(() => (loggedOut ? this.afterLogIn() : this.save()), AGAIN_MS);
      }
      return false;
    }
  }

  async afterLogIn() {
    const back = await loggedInAgain(this.known.person).catch(() => false);
    if (back) await this.save();
    else this.timer = setTimeout(() => this.afterLogIn(), AGAIN_MS);
  }

  /** Keys of the readers' findings that both decided since, and not alike: a person must say which stands. */
  clashes() {
    const theirs = this.conflict.current.content.findings;
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    return Object.keys({ ...this.content.findings, ...theirs, ...this.stored.findings }).filter((key) => {
      const [mine, their, base] = [this.content.findings[key], theirs[key], this.stored.findings[key]];
      return !same(mine, base) && !same(their, base) && !same(mine, their);
    });
  }

  /**
   * Keep both: what they changed where I did not, mine where only I did; of the text both, one after the other.
   * `keepTheirs` holds the keys of clashes in which theirs stands.
   */
  merge(keepTheirs = new Set()) {
    const theirs = this.conflict.current.content;
    const base = this.stored;
    const merged = structuredClone(theirs);
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    for (const key of new Set([...Object.keys(this.content.findings), ...Object.keys(base.findings)])) {
      if (!keepTheirs.has(key) && !same(this.content.findings[key], base.findings[key])) {
        if (this.content.findings[key]) merged.findings[key] = this.content.findings[key];
        else delete merged.findings[key];
      }
    }
    const was = new Map(base.added.map((one) => [one.id, one]));
    const mine = new Map(this.content.added.map((one) => [one.id, one]));
    merged.added = merged.added.filter((one) => !(was.has(one.id) && !mine.has(one.id)));
    for (const one of this.content.added) {
      if (same(one, was.get(one.id))) continue;
      const at = merged.added.findIndex((other) => other.id === one.id);
      if (at < 0) merged.added.push(one);
      else merged.added[at] = one;
    }
    for (const part of ["findings", "impression"]) {
      const [mineText, baseText, theirText] = [this.content.text[part], base.text[part], theirs.text[part]];
      if (mineText === baseText || mineText === theirText) continue;
      merged.text[part] = theirText === baseText || theirText === "" ? mineText : `${theirText}\n\n${mineText}`;
      merged.text.edited = true;
    }
    this.revision = this.conflict.current.revision;
    this.stored = structuredClone(theirs);
    this.content = merged;
    this.conflict = null;
    this.changed();
  }

  /** Drop mine. */
  takeTheirs() {
    this.take(this.conflict.current);
    this.conflict = null;
  }
}
