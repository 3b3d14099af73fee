// Every key of the viewer, in the order in which the help lists them. docs/how-to/view-a-study.md holds the same table.

export const KEYS = [
  { keys: ["ArrowDown", "ArrowRight"], does: "next", run: (desk) => desk.step(1) },
  { keys: ["ArrowUp", "ArrowLeft"], does: "previous", run: (desk) => desk.step(-1) },
  { keys: ["PageDown"], does: "next-ten", run: (desk) => desk.step(10) },
  { keys: ["PageUp"], does: "previous-ten", run: (desk) => desk.step(-10) },
  { keys: ["Home"], does: "first", run: (desk) => desk.step(-Infinity) },
  { keys: ["End"], does: "last", run: (desk) => desk.step(Infinity) },
  { keys: ["Space"], does: "play", run: (desk) => desk.play() },
  { keys: ["<", ">"], does: "speed", run: (desk, key) => desk.speed(key === ">" ? 1.25 : 0.8) },
  { keys: ["1", "2", "3", "4", "5", "6", "7"], does: "preset", run: (desk, key) => desk.preset(Number(key)) },
  { keys: ["0"], does: "file-window", run: (desk) => desk.preset(0) },
  { keys: ["i"], does: "invert", run: (desk) => desk.invert() },
  { keys: ["+", "-"], does: "zoom", run: (desk, key) => desk.zoom(key === "+" ? 1.25 : 0.8) },
  { keys: ["f"], does: "fit", run: (desk) => desk.fit() },
  { keys: ["o"], does: "one-to-one", run: (desk) => desk.oneToOne() },
  { keys: ["t"], does: "turn", run: (desk) => desk.turn() },
  { keys: ["h", "v"], does: "mirror", run: (desk, key) => desk.mirror(key === "v") },
  { keys: ["w", "p", "z"], does: "tool-hand", run: (desk, key) => desk.take({ w: "window", p: "pan", z: "zoom" }[key]) },
  { keys: ["l", "g", "e"], does: "tool-measure", run: (desk, key) => desk.take({ l: "length", g: "angle", e: "ellipse" }[key]) },
  { keys: ["c"], does: "tool-cross", run: (desk) => desk.take("crosshair") },
  { keys: ["Backspace", "Delete"], does: "remove", run: (desk) => desk.removeLast() },
  { keys: ["Enter"], does: "close-outline", run: (desk) => desk.closeOutline() },
  { keys: ["Escape"], does: "leave", run: (desk) => desk.leave() },
  { keys: ["a"], does: "ai", run: (desk) => desk.showAi(!desk.aiVisible) },
  { keys: ["s"], does: "style", run: (desk) => desk.nextStyle() },
  { keys: ["[", "]"], does: "opacity", run: (desk, key) => desk.setOpacity(desk.opacity + (key === "]" ? 0.1 : -0.1)) },
  { keys: ["m"], does: "mpr", run: (desk) => desk.layout(desk.arrangement === "mpr" ? "1x1" : "mpr") },
  { keys: ["b"], does: "layout", run: (desk) => desk.nextLayout() },
  { keys: ["k"], does: "link", run: (desk) => desk.link(!desk.linked) },
  { keys: ["n"], does: "pane", run: (desk) => desk.nextPane() },
  { keys: [",", "."], does: "series", run: (desk, key) => desk.nextSeries(key === "." ? 1 : -1) },
  { keys: ["x"], does: "smooth", run: (desk) => desk.setSmooth(!desk.smooth) },
  { keys: ["?"], does: "help", run: (desk) => desk.help() },
];

const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]";
const PRESSES = "button, a, summary, input, [role=button]";

/** Listen for keys, unless somebody is typing, or the key would press what has the focus. */
export function listenForKeys(desk) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("#review")) return; // the panel has keys of its own
    if (["Enter", " "].includes(event.key) && event.target.closest?.(PRESSES)) return;
    if (event.target.matches?.("input[type=range]") && event.key.startsWith("Arrow")) return;
    const name = event.key === " " ? "Space" : event.key;
    const found = KEYS.find(({ keys }) => keys.includes(name));
    if (!found) return;
    event.preventDefault();
    found.run(desk, name);
  });
}
