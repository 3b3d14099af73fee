// The study page: builds the desk from what the server wrote into the page, and listens to the panel beside it.

import { buildBar, buildHelp, buildLegend, buildSeries, buildWarnings } from "./viewer-bar.js";
import { Desk } from "./viewer-desk.js";
import { listenForKeys } from "./viewer-keys.js";

const root = document.getElementById("viewer");
const desk = new Desk(root, JSON.parse(document.getElementById("viewer-data").textContent));
root.desk = desk; // for tests, and for whoever looks into the page
const stage = document.createElement("div");
stage.className = "stage";
stage.append(desk.grid);
document.getElementById("drawings").append(buildWarnings(desk), buildLegend(desk));
root.append(buildBar(desk), stage, buildHelp(desk));
buildSeries(desk, document.getElementById("series"));
listenForKeys(desk);
document.addEventListener("secondread:show-finding", (event) => desk.showFinding(event.detail));
document.addEventListener("secondread:overlay", (event) => desk.showAi(event.detail.visible));
document.addEventListener("secondread:draw-outline", (event) => desk.outlining.begin(event.detail));
document.addEventListener("secondread:outlines", (event) => desk.outlining.replace(event.detail));
await desk.open();
desk.changed();
root.dataset.open = "yes";
desk.announce("viewer-open", {}); // whoever spoke before the viewer listened says it again
